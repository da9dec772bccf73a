/** A page that Chromium prerenders: it gets no connection, lock or message before it is shown, but its timers run. */
import { TestServer } from '../test/session/server.js'
import { withBareChromium } from './chromium.js'
import { expect, test } from './engine.js'
import { type Site, startSite } from './site.js'
import { countingServer } from './tabs.js'

/** Goes to the page that it has prerendered once that has told an error, which it does when it has waited for long. */
const before = `
  <script type="speculationrules">
    { "prerender": [{ "source": "list", "urls": ["/next"], "eagerness": "immediate" }] }
  </script>
  <script>fetch('/waits').then(() => (location.href = '/next'))</script>`

/** Tells of a socket, and of the page being prerendered. */
const tell = `
  const tell = (what) => fetch('/tell?' + new URLSearchParams({ what: location.pathname + ' ' + what }))
  if (document.prerendering) document.addEventListener('prerenderingchange', () => tell('shown'))
  const follow = (socket) => {
    socket.on('open', () => tell('open'))
    socket.on('close', ({ code }) => tell('close ' + code))
    socket.on('error', ({ code }) => tell(code))
  }`

/** Runs `work` with what the pages tell, and with `open`. */
async function prerendered(
  script: string,
  work: (told: readonly string[], open: (path: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const told: string[] = []
  const waits: (() => void)[] = []
  const page = `<script type="module">${tell}${script}</script>`
  const site: Site = await startSite(
    {
      '/': before + page,
      '/next': page,
      '/other': page,
      '/waits': () => new Promise<void>((resolve) => waits.push(resolve)),
      '/tell': (query) => {
        const what = query.get('what')!
        told.push(what)
        if (what === '/next ERR_CONNECT_TIMEOUT') for (const go of waits) go()
      },
    },
    0,
  )
  try {
    await withBareChromium((open) => work(told, (path) => open(site.origin + path)))
  } finally {
    await site.stop()
  }
}

const untilTold = (told: readonly string[], what: string): Promise<void> =>
  expect.poll(() => told, { intervals: [20] }).toContain(what)

test('of several tabs: the leader is left alone', { tag: '@chromium' }, async () => {
  const server = await countingServer()
  const script = `
    import { ReconnectingSocket } from '/dist/production/index.js'
    import { tabs } from '/dist/production/tabs.js'
    if (location.pathname !== '/')
      follow(new ReconnectingSocket('${server.url}', { WebSocket: tabs({ log: ({ type }) => tell(type) }) }))`
  try {
    await prerendered(script, async (list, open) => {
      await open('/other')
      await untilTold(list, '/other open')
      await open('/')
      await untilTold(list, '/next open')
      expect(list).toContain('/next shown')
      expect(list.filter((what) => /depose|close/.test(what))).toEqual([])
      expect(server.count).toBe(1)
    })
  } finally {
    await server.stop()
  }
})

test('it goes on with the session of its tab', { tag: '@chromium' }, async () => {
  const server = await new TestServer({}).start()
  const script = `
    import { indexedDb, SessionSocket } from '/dist/production/session.js'
    const socket = new SessionSocket('${server.url}', { connectTimeout: 3_000, session: { store: indexedDb('x') } })
    follow(socket)
    socket.send('of ' + location.pathname)`
  try {
    await prerendered(script, async (list, open) => {
      await open('/')
      await untilTold(list, '/next shown')
      await untilTold(list, '/next open')
      await expect.poll(() => server.all.flatMap(({ messages }) => messages)).toEqual(['of /', 'of /next'])
      expect(server.all).toHaveLength(1)
    })
  } finally {
    await server.kill()
  }
})
