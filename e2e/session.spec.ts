/** Sessions in pages: a reload in the middle of a burst loses nothing and doubles nothing. */
import type { SessionSocket } from '../src/session/socket.js'
import { TestServer } from '../test/session/server.js'
import { expect, test } from './engine.js'
import { type Site, startSite } from './site.js'

interface InPage {
  readonly problems: string[]
  readonly lost: unknown[]
  readonly socket: SessionSocket
}

/** Keeps what it is told where a reload finds it: with the number, which tells what is told again. */
const client = `<script type="module">
  import { indexedDb, SessionSocket } from '/dist/browser/session.js'
  const { url, name, inUse, beat } = Object.fromEntries(new URLSearchParams(location.search))
  window.lost = []
  const socket = new SessionSocket(url, {
    retry: { backoff: { type: 'constant', base: 50 } },
    heartbeat: beat ? { interval: Number(beat), timeout: Number(beat) } : false,
    session: { store: indexedDb(name, inUse ? { inUse } : {}) },
  })
  socket.on('message', (data) => {
    const told = JSON.parse(localStorage.getItem(name) ?? '[]')
    localStorage.setItem(name, JSON.stringify([...told, [socket.received, data]]))
  })
  socket.on('lost', (detail) => lost.push(detail))
  window.socket = socket
</script>`

let site: Site
let server: TestServer
test.beforeAll(async () => {
  site = await startSite({ '/': client, '/frame': '<iframe></iframe>' + client }, 0)
})
test.beforeEach(async () => {
  // so small that a burst is on its way for a while
  server = await new TestServer({ window: 1_000 }).start()
})
test.afterEach(async ({ tab }) => {
  expect(await tab.evaluate(() => (globalThis as unknown as InPage).problems)).toEqual([])
  await tab.goto('about:blank')
  await server.kill()
})
test.afterAll(() => site.stop())

const page = (name: string, more = ''): string =>
  `${site.origin}/?url=${encodeURIComponent(server.url)}&name=${name}${more}`

test('a reload in the middle of a burst: nothing is lost, nothing comes twice, both ways', async ({
  tab,
}) => {
  const BURST = 200
  const RELOADS = 4
  const sent: string[] = []
  let down = 0
  for (let reload = 0; reload <= RELOADS; reload++) {
    await tab.goto(page('burst'))
    await tab.until(() => (globalThis as unknown as InPage).socket?.state === 'open')
    const texts = Array.from({ length: BURST }, (_, i) => `${reload}.${i} ${'.'.repeat(20)}`)
    sent.push(...texts)
    await tab.evaluate((texts: string[]) => {
      for (const text of texts) (globalThis as unknown as InPage).socket.send(text)
    }, texts)
    // once the server has one of them, all of that burst are in the store
    await server.until(() => server.all[0]!.messages.includes(texts[0]!))
    for (let i = 0; i < 20; i++) server.all[0]!.send(`down ${++down}`)
  }
  await server.until(() => server.all[0]!.messages.length >= sent.length && server.all[0]!.held === 0)
  expect(server.all).toHaveLength(1)
  expect(server.all[0]!.messages).toEqual(sent)
  await tab.until(() => (globalThis as unknown as InPage).socket.held.size === 0)
  const told = await tab.evaluate(
    () => JSON.parse(localStorage.getItem('burst') ?? '[]') as [number, string][],
  )
  expect(await tab.evaluate(() => (globalThis as unknown as InPage).lost)).toEqual([])
  // told again, perhaps, where the page went before it was noted; with the same number
  const once = new Map<number, string>()
  for (const [number, text] of told) {
    if (once.has(number)) expect(once.get(number)).toBe(text)
    else expect(number).toBe(once.size + 1)
    once.set(number, text)
  }
  expect([...once.values()]).toEqual(Array.from({ length: down }, (_, i) => `down ${i + 1}`))
})

/** Loads the same page once more, in a frame of the page that is there. */
async function second(
  tab: { evaluate<R, A>(work: (given: A) => R | Promise<R>, given: A): Promise<R> },
  url: string,
) {
  await tab.evaluate(
    (url) =>
      new Promise<void>((resolve) => {
        const frame = document.createElement('iframe')
        frame.src = url
        frame.onload = () => resolve()
        document.body.append(frame)
      }),
    url,
  )
}

test.describe(() => {
  test.skip(({ browserName }) => browserName !== 'webkit', 'Playwright turns the cache of pages off')

  test('a page in the back/forward cache leaves its session to the next, and goes on with it afterwards', async ({
    tab,
  }) => {
    await tab.goto(page('cached'))
    const send = async (...texts: string[]): Promise<void> => {
      await tab.until(() => (globalThis as unknown as InPage).socket?.state === 'open')
      await tab.evaluate((texts) => {
        for (const text of texts) (globalThis as unknown as InPage).socket.send(text)
      }, texts)
      await server.until(() => server.all.some(({ messages }) => messages.includes(texts.at(-1)!)))
    }
    await tab.evaluate(() =>
      addEventListener('pageshow', ({ persisted }) => Object.assign(globalThis, { persisted })),
    )
    await send('first 1', 'first 2')
    await tab.goto(page('cached', '&next'))
    await send('next 1', 'next 2', 'next 3')
    await tab.evaluate(() => void setTimeout(() => history.back()))
    await tab.until(() => (globalThis as { persisted?: boolean }).persisted === true)
    await send('first 3')
    expect(server.all.map(({ messages }) => messages)).toEqual([
      ['first 1', 'first 2', 'next 1', 'next 2', 'next 3', 'first 3'],
    ])
    expect(await tab.evaluate(() => (globalThis as unknown as InPage).lost)).toEqual([])
  })
})

test('a page does not hold up whoever deletes its database: what it held is told as lost, and it starts afresh', async ({
  tab,
}) => {
  await tab.goto(page('deleted'))
  await tab.until(() => (globalThis as unknown as InPage).socket?.state === 'open')
  const reasons = await tab.evaluate(async () => {
    await new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase('everopen-session:deleted')
      request.onsuccess = resolve
      request.onblocked = () => reject(new Error('blocked'))
    })
    const { socket, lost } = globalThis as unknown as InPage
    await socket.delivered(socket.send('into nothing')).catch(() => {})
    await socket.delivered(socket.send('afresh'))
    return lost.map((detail) => (detail as { reason: string }).reason)
  })
  expect(reasons).toEqual(['store'])
  expect(server.all.map(({ messages }) => messages)).toEqual([[], ['afresh']])
})

test('two pages of one name have two sessions', async ({ tab }) => {
  await tab.goto(page('two'))
  await tab.until(() => (globalThis as unknown as InPage).socket?.state === 'open')
  await second(tab, page('two'))
  await tab.until(() => (frames[0] as unknown as InPage).socket?.state === 'open')
  const ids = await tab.evaluate(() => [
    (globalThis as unknown as InPage).socket.id,
    (frames[0] as unknown as InPage).socket.id,
  ])
  expect(new Set(ids).size).toBe(2)
})

test('with inUse: wait, the second goes on with the session when the first is gone', async ({ tab }) => {
  await tab.goto(page('wait', '&inUse=wait'))
  await tab.until(() => (globalThis as unknown as InPage).socket?.state === 'open')
  await second(tab, page('wait', '&inUse=wait'))
  await tab.until(() => (frames[0] as unknown as InPage).socket !== undefined)
  const id = await tab.evaluate(() => {
    const { socket } = globalThis as unknown as InPage
    socket.send('from the first')
    return socket.id
  })
  await server.until(() => server.all[0]!.messages.length === 1)
  expect(server.all).toHaveLength(1)
  await tab.evaluate(() => (globalThis as unknown as InPage).socket.close())
  await tab.until(() => (frames[0] as unknown as InPage).socket.state === 'open')
  expect(await tab.evaluate(() => (frames[0] as unknown as InPage).socket.id)).toBe(id)
  expect(server.all).toHaveLength(1)
})

test('a page finds out that nobody is there any more, and that somebody is', async ({ tab }) => {
  await tab.goto(page('beat', '&beat=300'))
  await tab.until(() => (globalThis as unknown as InPage).socket?.state === 'open')
  await tab.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const { socket } = globalThis as unknown as InPage
        socket.on('heartbeat', () => resolve())
      }),
  )
  const [first] = server.clients
  // reads no more, and so answers nothing
  first!.pause()
  await server.until(() => server.clients.some((client) => client !== first))
})
