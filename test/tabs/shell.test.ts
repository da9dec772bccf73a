/** The class, over a browser in miniature. */
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { createClass, type TabSocket, type TabSocketConstructor } from '../../src/tabs/socket.js'
import { tabs, type TabsOptions, type TabsRecord } from '../../src/tabs/index.js'
import { FakeBrowser, FakeSocket, type Page } from './browser.js'

const url = 'wss://user:secret@example.test/live?token=secret'
let browser: FakeBrowser
beforeEach(() => {
  browser = new FakeBrowser()
  FakeSocket.made.length = 0
})

interface Opened {
  readonly page: Page
  readonly Class: TabSocketConstructor
  readonly told: string[]
  readonly roles: string[]
  socket: TabSocket
  again(): void
}

function open(options: TabsOptions = {}, page = browser.page()): Opened {
  const roles: string[] = []
  const told: string[] = []
  const Class = createClass({ log: ({ type }: TabsRecord) => roles.push(type), ...options }, page.scope)
  const dial = (): TabSocket => {
    const socket = new Class(url)
    socket.onopen = () => told.push('open')
    socket.onmessage = ({ data }) => told.push(`message ${data}`)
    socket.onerror = () => told.push('error')
    socket.onclose = ({ code, reason }) => told.push(`close ${code} ${reason}`)
    return socket
  }
  const opened: Opened = { page, Class, told, roles, socket: dial(), again: () => (opened.socket = dial()) }
  return opened
}

const real = (index = 0): FakeSocket => FakeSocket.made[index]!

/** Two tabs with an open connection: the first leads. */
async function pair(options: TabsOptions = {}): Promise<[Opened, Opened]> {
  const both = [open(options), open(options)] as [Opened, Opened]
  await browser.pass()
  real().open()
  await browser.pass()
  return both
}

describe('two tabs', () => {
  test('share one connection: events, messages and numbers of both', async () => {
    const [a, b] = await pair()
    expect(FakeSocket.made).toHaveLength(1)
    expect([a.roles, b.roles]).toEqual([['lead'], ['follow']])
    a.socket.send('from a')
    b.socket.send('from b')
    b.socket.send(new Uint8Array([1, 2, 3]).subarray(1))
    await browser.pass()
    expect(real().sent).toEqual(['from a', 'from b', new Uint8Array([2, 3]).buffer])
    real().say('for both')
    await browser.pass()
    expect([a.told, b.told]).toEqual([
      ['open', 'message for both'],
      ['open', 'message for both'],
    ])
    expect(b.socket.bufferedAmount).toBe(0)
  })

  test('a connection of which the platform tells an error and no end has ended', async () => {
    const a = open()
    await browser.pass()
    real().onerror?.({})
    await browser.pass()
    expect(a.told).toEqual(['error', 'close 1006 '])
  })

  test('a late tab is open at once, with the protocol and what came so far counted', async () => {
    const a = open()
    await browser.pass()
    real().open('chat')
    real().say('early')
    const b = open()
    await browser.pass()
    real().say('late')
    await browser.pass()
    expect([b.socket.protocol, a.socket.protocol, b.told]).toEqual(['chat', 'chat', ['open', 'message late']])
  })

  test('no credential and no query goes onto the channel or into the log', async () => {
    const records: TabsRecord[] = []
    await pair({ log: (record) => records.push(record) })
    const names = [...browser.held.keys(), ...[...browser.pages[0]!.channels].map(({ name }) => name)]
    expect(JSON.stringify([browser.words, records, names])).not.toContain('secret')
    expect(records[0]?.key).toBe('wss://example.test/live')
  })

  test('binary messages come as binaryType says', async () => {
    const [a, b] = await pair()
    const got: unknown[] = []
    a.socket.binaryType = 'arraybuffer'
    for (const { socket } of [a, b]) socket.onmessage = ({ data }) => got.push(data)
    real().say(new ArrayBuffer(2))
    await browser.pass()
    expect(got[0]).toBeInstanceOf(ArrayBuffer)
    expect(got[1]).toBeInstanceOf(Blob)
  })

  test("the server's close is told to both; the tab that dials first leads on, and nobody else dials", async () => {
    const [a, b] = await pair()
    real().end(4001, 'deploy', true)
    await browser.pass()
    expect([a.told.at(-1), b.told.at(-1)]).toEqual(['close 4001 deploy', 'close 4001 deploy'])
    b.again()
    await browser.pass(1_000)
    expect(FakeSocket.made).toHaveLength(1)
    a.again()
    await browser.pass()
    real(1).open()
    await browser.pass()
    expect([FakeSocket.made.length, a.told.at(-1), b.told.at(-1)]).toEqual([2, 'open', 'open'])
  })

  test('a tab that does not dial again gives the lock up in time', async () => {
    const [, b] = await pair()
    real().end()
    await browser.pass()
    b.again()
    await browser.pass(14_000)
    expect(FakeSocket.made).toHaveLength(1)
    await browser.pass(3_000)
    expect(FakeSocket.made).toHaveLength(2)
  })

  test('what is abandoned is kept for a shorter time', async () => {
    const [a, b] = await pair()
    // as everopen lets go of a socket
    Object.assign(a.socket, { greeted: true })
    a.socket.onclose = null
    a.socket.close()
    expect([real().closed, a.told]).toEqual([[], ['open']])
    b.again()
    await browser.pass(7_500)
    expect(FakeSocket.made).toHaveLength(2)
  })

  test.each([0, 1])(
    'a client that listens to close without a handler closes in order, in tab %s',
    async (index) => {
      const { socket, told } = (await pair())[index]!
      socket.onclose = null
      socket.addEventListener('close', ({ code, reason, wasClean }) =>
        told.push(`${code} ${reason} ${wasClean}`),
      )
      socket.close(1000, 'bye')
      real().end(1000, 'bye', true)
      await browser.pass()
      expect(told).toEqual(['open', '1000 bye true'])
    },
  )

  for (const [name, end, code] of [
    ['is closed by its user', ({ socket }: Opened) => socket.close(1000, 'bye'), 'close'],
    ['goes', ({ page }: Opened) => page.fire('pagehide'), 'close'],
    ['is frozen', ({ page }: Opened) => page.fire('freeze'), 'close'],
    ['crashes', ({ page }: Opened) => page.crash(), 'crash'],
  ] as const)
    test(`the leader ${name}: the other leads at once`, async () => {
      const [a, b] = await pair()
      end(a)
      await browser.pass(200)
      expect(b.told).toEqual(['open', 'error', 'close 1006 '])
      b.again()
      await browser.pass(200)
      expect(FakeSocket.made).toHaveLength(2)
      real(1).open()
      await browser.pass()
      expect([b.told.at(-1), b.roles.at(-1)]).toEqual(['open', 'lead'])
      if (code === 'close') expect(real().closed).toBeDefined()
    })

  test('a leader that answers nothing is deposed, lets go when it wakes, and sends nothing that comes twice', async () => {
    const [a, b] = await pair()
    a.page.sleep()
    b.socket.send('once')
    expect(b.socket.bufferedAmount).toBe(4)
    await browser.pass(6_000)
    expect(b.roles).toContain('depose')
    expect(b.told.at(-1)).toBe('close 1006 ')
    expect(b.socket.bufferedAmount).toBe(4)
    await a.page.wake()
    await browser.pass()
    expect(real().sent).toEqual([])
    expect(real().closed).toEqual([])
    expect([a.told.at(-1), a.roles.at(-1)]).toEqual(['close 1006 ', 'leave'])
  })

  test('a page that is being prerendered deposes nobody before it is shown', async () => {
    open().page.sleep()
    const document = { prerendering: true }
    const page = browser.page()
    const { roles } = open({}, Object.assign(page, { scope: { ...page.scope, document } }))
    await browser.pass(20_000)
    expect(roles).toEqual([])
    document.prerendering = false
    await browser.pass(20_000)
    expect(roles[0]).toBe('depose')
  })

  test('a lock that is lost in the moment in which it was won makes no leader', async () => {
    // two tabs: a third would depose by itself, at a moment that is drawn
    const [a, b] = await pair()
    a.page.sleep()
    while (!b.roles.includes('depose')) await browser.pass(50)
    const [name] = browser.held.keys()
    void a.page.scope.navigator!.locks!.request(name!, { steal: true }, () => new Promise(() => {}))
    await browser.pass(300)
    expect(b.roles).not.toContain('lead')
    expect(b.roles).not.toContain('leave')
    expect(b.socket.readyState).toBe(1)
  })

  test('who has taken a lock from a leader that speaks again waits until the lease of that one is over', async () => {
    const [a, b] = await pair()
    a.page.sleep()
    while (!b.roles.includes('depose')) await browser.pass(50)
    const term = (
      browser.words.find((word) => (word as { kind: string }).kind === 'lead') as { term: number }
    ).term
    const voice = new (browser.page().scope.BroadcastChannel!)([...b.page.channels][0]!.name)
    voice.postMessage({
      kind: 'lead',
      term,
      open: true,
      n: 0,
      at: 0,
      again: false,
      protocol: '',
      extensions: '',
    })
    await browser.pass(1_500)
    expect(b.told).toEqual(['open'])
    await browser.pass(800)
    expect(b.told.at(-1)).toBe('close 1006 ')
  })

  test('a leader that was asleep for a while makes sure before it hands over', async () => {
    const [, b] = await pair()
    b.page.sleep()
    await browser.pass(10_000)
    await b.page.wake()
    b.socket.send('x')
    b.socket.send('y')
    await browser.pass(50)
    expect(real().sent).toEqual([])
    await browser.pass(200)
    expect(real().sent).toEqual(['x', 'y'])
    expect(b.socket.bufferedAmount).toBe(0)
  })

  test('what the platform holds is buffered in the tab that has sent it, and told when it is through', async () => {
    const [a, b] = await pair()
    real().holds = 6
    a.socket.send('1234')
    b.socket.send('12')
    await browser.pass()
    expect([a.socket.bufferedAmount, b.socket.bufferedAmount]).toEqual([4, 2])
    real().bufferedAmount = 6
    await browser.pass(25)
    expect([a.socket.bufferedAmount, b.socket.bufferedAmount]).toEqual([0, 2])
    real().end()
    await browser.pass()
    expect(b.socket.bufferedAmount).toBe(2)
  })

  test('what a tab that goes has not seen confirmed is sent by the next leader', async () => {
    const [a, b] = await pair()
    const c = open()
    await browser.pass()
    a.page.sleep()
    b.socket.send('last words')
    b.page.fire('pagehide')
    await browser.pass()
    b.page.crash()
    a.page.crash()
    await browser.pass(200)
    c.again()
    await browser.pass(200)
    real(1).open()
    await browser.pass()
    expect(real(1).sent).toEqual(['last words'])
  })

  test('a word without its form is not believed', async () => {
    const [, b] = await pair()
    const rogue = new (browser.page().scope.BroadcastChannel!)([...b.page.channels][0]!.name)
    const good = { kind: 'data', term: 2 ** 52, n: 1, data: 'x' }
    for (const word of [
      null,
      'over',
      { kind: 'toString' },
      { ...good, kind: ['data'] },
      { ...good, n: -1 },
      { ...good, data: 1 },
      { ...good, term: '9' },
    ])
      rogue.postMessage(word)
    rogue.postMessage({ kind: 'bye', from: 'x', term: 1, seq: 1, left: [1] })
    for (const from of ['constructor', '__proto__'])
      rogue.postMessage({ kind: 'send', from, term: 0, seq: 1, data: 'x' })
    browser.words.length = 0
    await browser.pass()
    expect([b.told, browser.words]).toEqual([['open'], []])
  })

  test('a message of the server that never came ends the connection of this tab, and of no other', async () => {
    const [a, b] = await pair()
    const [channel] = b.page.channels
    const hear = channel!.onmessage!
    channel!.onmessage = null
    real().say('missed')
    await browser.pass()
    channel!.onmessage = hear
    real().say('heard')
    await browser.pass()
    expect([a.told, b.told]).toEqual([
      ['open', 'message missed', 'message heard'],
      ['open', 'error', 'close 1006 '],
    ])
  })
})

describe('alone', () => {
  test.each([
    ['without Web Locks', (page: Page) => ({ ...page.scope, navigator: {} })],
    ['without a navigator', (page: Page) => ({ ...page.scope, navigator: undefined })],
    ['without BroadcastChannel', (page: Page) => ({ ...page.scope, BroadcastChannel: undefined })],
  ])('%s each tab has its own connection, and says so', (_, scope) => {
    const records: TabsRecord[] = []
    const Class = createClass({ log: (record) => records.push(record) }, scope(browser.page()))
    const socket = new Class(url)
    real().open()
    socket.send('x')
    expect(real().sent).toEqual(['x'])
    expect(records.map(({ type, cause }) => [type, cause instanceof Error])).toEqual([['alone', true]])
    real().end()
    expect(socket.readyState).toBe(3)
  })

  test('where the engine refuses the lock', async () => {
    browser.refuses = new DOMException('no', 'SecurityError')
    const a = open({ resubscribe: topics })
    await browser.pass()
    expect([FakeSocket.made.length, a.roles]).toEqual([1, ['alone']])
  })

  test('a dial that the platform refuses is an end', async () => {
    const page = browser.page()
    const socket = new (createClass({}, page.scope))('ws://refuse.test/')
    const codes: number[] = []
    socket.onclose = ({ code }) => codes.push(code)
    await browser.pass()
    expect(codes).toEqual([1006])
  })

  test('the WebSocket option is the class of the connection', async () => {
    class Other extends FakeSocket {}
    open({ WebSocket: Other as never })
    await browser.pass()
    expect(real()).toBeInstanceOf(Other)
  })
})

const topics = {
  read(data: unknown) {
    if (data === 'throw') throw new Error('read')
    const [verb, topic] = String(data as string).split(' ')
    if (verb === '+') return { add: topic! }
    return verb === '-' ? { remove: topic! } : undefined
  },
  add: (topic: string) => `+ ${topic}`,
  remove: (topic: string) => `- ${topic}`,
}

describe('resubscribe', () => {
  test('the server sees the union, and what nobody wants any more is taken back', async () => {
    const [a, b] = await pair({ resubscribe: topics })
    a.socket.send('+ news')
    b.socket.send('+ news')
    b.socket.send('+ sport')
    await browser.pass()
    a.socket.send('- never')
    a.socket.send('- news')
    b.socket.send('other')
    await browser.pass()
    expect(real().sent).toEqual(['+ news', '+ sport', '- never', 'other'])
    b.socket.close()
    await browser.pass()
    expect(real().sent.slice(4).sort()).toEqual(['- news', '- sport'])
    expect(b.told.at(-1)).toBe('close 1005 ')
  })

  test('each tab subscribes again on the next connection', async () => {
    const [a, b] = await pair({ resubscribe: topics })
    a.socket.send('+ news')
    b.socket.send('+ news')
    b.socket.send('+ sport')
    await browser.pass()
    real().end()
    await browser.pass()
    a.again()
    b.again()
    await browser.pass()
    real(1).open()
    await browser.pass()
    expect(real(1).sent).toEqual(['+ news', '+ sport'])
    expect(a.socket.bufferedAmount).toBe(0)
  })

  test('a tab that crashes takes its subscriptions with it', async () => {
    const [, b] = await pair({ resubscribe: topics })
    b.socket.send('+ news')
    await browser.pass()
    b.page.crash()
    await browser.pass()
    expect(real().sent).toEqual(['+ news', '- news'])
  })

  test('what read() throws is reported, and the message sent', async () => {
    const reported: unknown[] = []
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error))
    const [a] = await pair({ resubscribe: topics })
    a.socket.send('throw')
    expect(real().sent).toEqual(['throw'])
    expect(reported.length).toBeGreaterThan(0)
    vi.unstubAllGlobals()
  })
})

describe('the face', () => {
  test('has the constants, and the arguments of the standard', async () => {
    const [a] = await pair()
    expect([a.Class.OPEN, a.socket.CLOSED]).toEqual([1, 3])
    expect(() => new a.Class('::')).toThrow(/the URL is not/)
    expect(() => new a.Class(url, ['x', 'x'])).toThrow(/names a protocol twice/)
    expect(() => a.socket.close(999)).toThrow(/close code/)
    expect(() => a.socket.close(5000)).toThrow(/close code/)
    expect(() => a.socket.close(3000, 'x'.repeat(124))).toThrow(/reason/)
    expect(() => new a.Class(url).send('x')).toThrow(/not open yet/)
    a.socket.send(12 as never)
    expect(real().sent).toEqual(['12'])
    a.socket.close(3000, 'bye')
    a.socket.close()
    expect([real().closed, a.socket.readyState]).toEqual([[3000, 'bye'], 2])
    a.socket.send('late')
    expect(a.socket.bufferedAmount).toBe(4)
    real().say('late')
    real().end(3000, 'bye', true)
    await browser.pass()
    expect(a.told).toEqual(['open', 'close 3000 bye'])
  })

  test('close() while connecting is an error and an end, in a later task', async () => {
    const a = open()
    const b = open()
    await browser.pass()
    b.socket.close()
    expect(b.told).toEqual([])
    await browser.pass()
    expect(b.told).toEqual(['error', 'close 1006 '])
    expect(a.told).toEqual([])
  })

  test('whoever is refused during its handshake lets the next tab try at once', async () => {
    const [a, b] = [open(), open()]
    for (const { socket } of [a, b]) Object.assign(socket, { greeted: false })
    await browser.pass()
    real().open()
    real().end(4001, 'expired', true)
    await browser.pass(150)
    expect([a.told, b.told, FakeSocket.made.length]).toEqual([['open', 'close 4001 expired'], [], 2])
    real(1).open()
    await browser.pass()
    expect([b.told, b.roles.at(-1)]).toEqual([['open'], 'lead'])
  })

  test('whoever shakes hands lets the others wait for it', async () => {
    const a = open()
    const b = open()
    for (const { socket } of [a, b]) Object.assign(socket, { greeted: false })
    await browser.pass()
    real().open()
    await browser.pass()
    expect([a.told, b.told]).toEqual([['open'], []])
    expect((a.socket as { greeted?: boolean }).greeted).toBe(false)
    Object.assign(a.socket, { greeted: true })
    await browser.pass()
    expect([b.told, (b.socket as { greeted?: boolean }).greeted]).toEqual([['open'], true])
    Object.assign(a.socket, { greeted: true })
  })

  test('options are checked by name', () => {
    const wrong: readonly [string, unknown][] = [
      ['key', 1],
      ['log', 1],
      ['WebSocket', 1],
      ['other', () => {}],
      ['resubscribe.read', {}],
      ['resubscribe.remove', { read() {}, add() {} }],
    ]
    for (const [name, value] of wrong) {
      const options = { [name.split('.')[0]!]: value }
      expect(() => tabs(options as TabsOptions)).toThrow(expect.objectContaining({ argument: name }))
    }
    expect(tabs({ log() {}, WebSocket: FakeSocket })).toBeTypeOf('function')
    expect(tabs()).toBeTypeOf('function')
  })

  test('the key may be chosen', async () => {
    const names = (): string[] => [...browser.held.keys()]
    open({ key: 'mine' })
    open({ key: (url, protocols) => new URL(url).host + protocols.join() })
    await browser.pass()
    expect(names()).toEqual(['everopen mine', 'everopen example.test'])
  })
})
