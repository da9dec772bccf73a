/** The message events of ReconnectingWebSocket in a page, beside those of the engine's own class. */
import { readFileSync } from 'node:fs'
import type { ReconnectingWebSocket } from '../src/index.js'
import { expect, type Tab, test } from './engine.js'
import { type Site, startSite } from './site.js'

const { unpkg } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly unpkg: string
}
const everopen = `<script src="/${unpkg.replace('./', '')}"></script>`

interface InPage {
  readonly WebSocket: typeof WebSocket
  readonly everopen: { readonly ReconnectingWebSocket: typeof ReconnectingWebSocket }
  readonly problems: string[]
  readonly zoned: string[]
}

/** Puts a method of its own before the engine's, which says that it is the engine's, as that of zone.js does. */
const patch = (method: string, call: string): string => `<script>
  const { prototype } = EventTarget
  const own = prototype.${method}
  const toString = Function.prototype.toString
  globalThis.zoned = []
  prototype.${method} = function (...given) { ${call} }
  Function.prototype.toString = function () {
    return toString.call(this === prototype.${method} ? own : this)
  }
</script>${everopen}`

let site: Site
test.beforeAll(async () => {
  site = await startSite(
    {
      '/': everopen,
      '/listeners': patch(
        'addEventListener',
        `const [type, listener] = given
         own.call(this, type, function (event) {
           if (type === 'message') zoned.push(type)
           return listener.call(this, event)
         })`,
      ),
      '/dispatch': patch('dispatchEvent', 'zoned.push(given[0].type); return own.apply(this, given)'),
    },
    0,
  )
})
test.afterAll(() => site.stop())

const classes = ['WebSocket', 'ReconnectingWebSocket'] as const

/** What an event of that class says of itself: of each member, during its dispatch and later. */
const members = (tab: Tab, name: (typeof classes)[number]): Promise<Record<string, string>> =>
  tab.evaluate(
    async ([name, url]) => {
      const page = globalThis as unknown as InPage
      const Class = name === 'WebSocket' ? page.WebSocket : page.everopen.ReconnectingWebSocket
      const socket = new Class(url) as WebSocket
      const word = (value: unknown): string =>
        value === socket
          ? 'the socket'
          : typeof value === 'function' || typeof value === 'object'
            ? `${typeof value} ${JSON.stringify(value)}`
            : String(value)
      const said: Record<string, string> = {}
      const note = (event: MessageEvent, when: string): void => {
        for (const member in event) said[`${when}: ${member}`] = word(Reflect.get(event, member))
        said[`${when}: composedPath()`] = event.composedPath().map(word).join()
        // no class of ours can be trusted, and no two are of the same time
        said[`${when}: timeStamp`] = String(event.timeStamp > 0 && event.timeStamp === event.timeStamp)
        delete said[`${when}: isTrusted`]
        said[`${when}: classes`] = String([
          event instanceof MessageEvent,
          event instanceof Event,
          event.constructor === MessageEvent,
          Object.prototype.toString.call(event),
        ])
      }
      socket.onopen = () => socket.send('x')
      const event = await new Promise<MessageEvent>((resolve) => {
        socket.onmessage = (event) => {
          note(event, 'during')
          event.preventDefault()
          event.initEvent('open', true, true)
          event.initMessageEvent('open', true, true, 'y')
          event.returnValue = false
          event.stopPropagation()
          note(event, 'stopped')
          resolve(event)
        }
      })
      await new Promise((resolve) => setTimeout(resolve))
      note(event, 'later')
      said['later: a copy of it'] = String(
        new MessageEvent('message', event as object as MessageEventInit<string>).data,
      )
      // Chromium leaves it as it was
      delete said['later: cancelBubble']
      socket.close()
      return said
    },
    [name, site.origin.replace('http', 'ws')] as const,
  )

test('they have all members of the engine’s', async ({ tab }) => {
  await tab.goto(site.origin)
  const [own, ours] = [await members(tab, 'WebSocket'), await members(tab, 'ReconnectingWebSocket')]
  expect(own['during: target']).toBe('the socket')
  expect(own['later: currentTarget']).toBe('object null')
  expect(ours).toEqual(own)
})

for (const name of classes)
  test(`listeners of ${name} are called as the standard says, and what they throw is reported`, async ({
    tab,
  }) => {
    await tab.goto(site.origin)
    const heard = await tab.evaluate(
      async ([name, url]) => {
        const page = globalThis as unknown as InPage
        const Class = name === 'WebSocket' ? page.WebSocket : page.everopen.ReconnectingWebSocket
        const socket = new Class(url) as WebSocket
        const words: string[] = []
        const say = (word: string) => (): void => void words.push(word)
        const [gone, again, both] = [say('gone'), say('again'), say('both')]
        socket.addEventListener('message', () => {
          socket.removeEventListener('message', gone)
          socket.removeEventListener('message', again)
          socket.addEventListener('message', again)
          socket.addEventListener('message', say('added'))
          throw new Error('of a listener')
        })
        socket.onmessage = say('onmessage')
        for (const listener of [gone, again, both, both]) socket.addEventListener('message', listener)
        socket.addEventListener('message', both, false)
        const one = (): Promise<unknown> =>
          new Promise((resolve) => {
            socket.addEventListener('message', function last(event) {
              socket.removeEventListener('message', last)
              resolve(event)
            })
            socket.send('x')
          })
        await new Promise((resolve) => (socket.onopen = resolve))
        await one()
        words.push('|')
        await one()
        words.push('|')
        // from here on the engine calls all
        socket.addEventListener('message', say('once'), { once: true })
        socket.addEventListener('message', { handleEvent: say('object') })
        await one()
        socket.close()
        return { words: words.join(' '), problems: page.problems }
      },
      [name, site.origin.replace('http', 'ws')] as const,
    )
    expect(heard.words).toBe('onmessage both | onmessage both added | onmessage both added added once object')
    expect(heard.problems).toHaveLength(3)
    for (const problem of heard.problems) expect(problem).toContain('of a listener')
  })

for (const path of ['listeners', 'dispatch'])
  test(`what others have put in the place of the engine’s is called: ${path}`, async ({ tab }) => {
    await tab.goto(`${site.origin}/${path}`)
    const zoned = await tab.evaluate(
      async (url) => {
        const page = globalThis as unknown as InPage
        const socket = new page.everopen.ReconnectingWebSocket(url)
        const heard = new Promise<void>((resolve) => socket.addEventListener('message', () => resolve()))
        socket.addEventListener('open', () => socket.send('x'))
        await heard
        const [...zoned] = page.zoned
        socket.close()
        return zoned
      },
      site.origin.replace('http', 'ws'),
    )
    expect(zoned.filter((type) => type === 'message')).toEqual(['message'])
  })
