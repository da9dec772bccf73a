/** `hello`: the application's own handshake, between the platform's and `open`. */
import { describe, expect, test } from 'vitest'
import type { HelloExchange } from '../../src/index.js'
import type { Options } from '../../src/options/options.js'
import type { Data, Sendable } from '../../src/delivery/payload.js'
import { settled } from '../sim/clock.js'
import { SimPlatform } from '../sim/platform.js'
import { simulate, type Simulated, URL_A } from '../sim/socket.js'
import { nothing, owned } from '../sim/states.js'
import { nothingUnhandled } from '../sim/unhandled.js'

nothingUnhandled()

type Exchange = HelloExchange<Sendable, Data>

/** Dialed, the platform's handshake done, and nothing said yet. */
async function greeted(options: Options, platform = new SimPlatform()): Promise<Simulated> {
  const simulated = simulate({ retry: { backoff: () => 100 }, ...options }, URL_A, platform)
  await settled()
  simulated.said()
  simulated.link.open()
  return simulated
}

/** The same with a hello that hands out what it was given, and ends when it is told to. */
async function held(options: Options = {}, platform?: SimPlatform) {
  let exchange!: Exchange
  let finish!: (last?: Sendable) => void
  let fail!: (error: unknown) => void
  const simulated = await greeted(
    {
      ...options,
      hello: (given) => {
        exchange = given
        return new Promise<Sendable | void>((resolve, reject) => {
          finish = resolve
          fail = reject
        })
      },
    },
    platform,
  )
  return { ...simulated, link: simulated.link, exchange, finish, fail }
}

describe('what it may be', () => {
  test('a message, which goes first of all', async () => {
    const { socket, link, said } = await greeted({ hello: 'token' })
    socket.send('waits')
    await settled()
    expect([link.beats, link.sent]).toEqual([['token'], ['waits']])
    expect(said()).toEqual(['connecting→open', 'open 0'])
  })

  test.each([
    ['gives one', () => 'token', ['token']],
    ['promises one', () => Promise.resolve('token'), ['token']],
    ['gives none', () => {}, []],
    ['sends, and gives another', ({ send }: Exchange) => (send('first'), 'second'), ['first', 'second']],
  ])('a function that %s', async (_, hello, sent) => {
    const { link, said } = await greeted({ hello })
    await settled()
    expect(link.beats).toEqual(sent)
    expect(said()).toEqual(['connecting→open', 'open 0'])
  })

  test.each([[5], [null], [{}]])('not %s', (hello) => {
    expect(() => simulate({ hello: hello as never })).toThrow(/^hello must be a message or a function/)
  })
})

test('it is asked on each connection, and told which one that is', async () => {
  const seen: unknown[] = []
  const { link, platform, clock } = await greeted({
    hello: ({ attempt, reconnected }) => void seen.push([attempt, reconnected]),
  })
  await settled()
  link.end(1001)
  await clock.advance(100)
  platform.link.fail()
  await clock.advance(100)
  platform.link.open()
  await settled()
  expect(seen).toEqual([
    [0, false],
    [2, true],
  ])
})

describe('until it is done', () => {
  test('the socket is connecting, and what is sent elsewhere waits behind it', async () => {
    const { socket, said, link, exchange, finish } = await held()
    expect(socket.snapshot).toMatchObject({ state: 'connecting', phase: 'greeting' })
    expect(socket.send('later')).toBe('queued')
    exchange.send('now')
    expect([link.beats, link.sent, said()]).toEqual([['now'], [], []])
    finish()
    await settled()
    expect([link.sent, said()]).toEqual([['later'], ['connecting→open', 'open 0']])
  })

  test('receive() takes what arrives, before or after it is called, and no listener hears that', async () => {
    const { link, exchange, finish, said } = await held()
    link.message('1')
    link.message('2')
    expect([await exchange.receive(), await exchange.receive()]).toEqual(['1', '2'])
    const next = [exchange.receive(), exchange.receive()]
    link.message('3')
    link.message('4')
    expect(await Promise.all(next)).toEqual(['3', '4'])
    link.message('5')
    expect(await exchange.receive()).toBe('5')
    finish()
    await settled()
    expect(said()).toEqual(['connecting→open', 'open 0'])
  })

  test('what it leaves is heard after open, in order, and before what comes later', async () => {
    const { socket, link, exchange, finish, said, clock } = await held()
    socket.send('waits')
    for (const data of ['1', '2', '3']) link.message(data)
    expect(await exchange.receive()).toBe('1')
    finish()
    socket.on('open', () => link.message('4'))
    await clock.advance(0)
    expect(said()).toEqual(['connecting→open', 'open 0', 'message 2', 'message 3', 'message 4'])
    expect(link.sent).toEqual(['waits'])
  })

  test('and by code that awaits the opening', async () => {
    const { socket, link, finish, clock } = await held()
    link.message('1')
    finish()
    await socket.opened
    const heard: unknown[] = []
    socket.on('message', (data) => heard.push(data))
    await clock.advance(0)
    expect(heard).toEqual(['1'])
  })

  test('and once, before the end of a connection that ends at once', async () => {
    const { link, finish, said, clock } = await held({ retry: false })
    link.message('1')
    finish()
    await settled()
    link.message('2')
    link.end(1001)
    await clock.advance(0)
    expect(said()).toEqual([
      'connecting→open',
      'open 0',
      'message 1',
      'message 2',
      'open→closed',
      'close 1001 by peer, final',
    ])
  })

  test('the heartbeat rests, and its replies are kept out of the messages afterwards', async () => {
    const { link, finish, clock, said } = await held({
      heartbeat: { interval: 1_000, timeout: 1_000, isReply: (data) => data === 'pong' },
    })
    await clock.advance(5_000)
    expect(link.pings).toBe(0)
    link.message('pong')
    link.message('hello')
    finish()
    await clock.advance(0)
    expect(said()).toEqual(['connecting→open', 'open 0', 'message hello'])
    await clock.advance(1_200)
    expect(link.pings).toBe(1)
  })
})

describe('it ends the attempt', () => {
  const cause = new Error('refused')

  test.each([
    [
      'throws',
      () => {
        throw cause
      },
    ],
    ['rejects', () => Promise.reject(cause)],
  ])('where it %s', async (_, hello) => {
    const ends: unknown[] = []
    const simulated = await greeted({
      hello,
      retry: { decide: (end) => (ends.push(end), 'stop') },
    })
    await settled()
    expect(simulated.said()).toEqual(['connecting→closed', 'error ERR_HELLO'])
    expect(ends).toMatchObject([{ by: 'network', code: 1006, cause: { code: 'ERR_HELLO', cause } }])
    expect(owned(simulated)).toEqual(nothing)
  })

  test('where it gives what cannot be sent', async () => {
    const { socket, said } = await greeted({ hello: () => 5 as never })
    await settled()
    expect(said()).toEqual(['error ERR_HELLO'])
    expect(socket.snapshot.lastEnd?.cause).toMatchObject({ cause: { code: 'ERR_INVALID_ARGUMENT' } })
  })

  test('and the next attempt says hello anew, with nothing of the last one', async () => {
    const { socket, exchange, fail, clock, platform } = await held()
    socket.send('waits')
    exchange.send('token')
    fail(cause)
    await clock.advance(100)
    platform.link.open()
    await settled()
    expect([platform.link.beats, platform.link.sent, socket.outbox.list()]).toEqual([[], [], ['waits']])
    expect(socket.snapshot).toMatchObject({ phase: 'greeting', attempt: 1 })
  })
})

describe('the attempt ends it', () => {
  type Held = Awaited<ReturnType<typeof held>>
  const ways: [string, (simulated: Held) => unknown, string[], string | undefined][] = [
    [
      'connectTimeout',
      ({ clock }) => clock.advance(10_000),
      ['error ERR_CONNECT_TIMEOUT'],
      'ERR_CONNECT_TIMEOUT',
    ],
    [
      'a Close frame',
      ({ link }) => link.end(4_401, 'who are you'),
      ['error ERR_CONNECTION'],
      'ERR_CONNECTION',
    ],
    ['a reset', ({ link }) => link.fail(), ['error ERR_CONNECTION'], 'ERR_CONNECTION'],
    ['close()', ({ socket }) => socket.close(), ['connecting→closed'], undefined],
    ['terminate()', ({ socket }) => socket.terminate(), ['connecting→closed'], undefined],
    ['reconnect()', ({ socket }) => socket.reconnect(), [], undefined],
    [
      'the page being suspended',
      ({ platform }) => platform.hint('suspend'),
      ['error ERR_CONNECTION'],
      undefined,
    ],
  ]

  test.each(ways)('%s', async (_, act, words, code) => {
    const simulated = await held()
    const { exchange, link, finish, said } = simulated
    const received = exchange.receive()
    await act(simulated)
    expect(said()).toEqual(words)
    expect(exchange.signal.aborted).toBe(true)
    const over = {
      message: 'the hello has ended; its send and receive work only until then',
      ...(code && { cause: expect.objectContaining({ code }) as unknown }),
    }
    await expect(received).rejects.toMatchObject(over)
    await expect(exchange.receive()).rejects.toMatchObject(over)
    expect(() => exchange.send('late')).toThrow(expect.objectContaining(over))
    finish('late too')
    link.message('from the past')
    link.listener.onOpen()
    await settled()
    expect([link.beats, said()]).toEqual([[], []])
  })

  test.each(ways)('%s, and a hello that is done afterwards opens nothing', async (_, act) => {
    const simulated = await held()
    await act(simulated)
    simulated.said()
    simulated.finish()
    await settled()
    expect(simulated.said()).toEqual([])
  })

  test('and connectTimeout says that it is the hello which has not finished', async () => {
    const { socket, clock } = await held()
    await clock.advance(10_000)
    expect(socket.snapshot.lastEnd?.cause?.cause).toMatchObject({
      message: 'the hello has not finished: the server may not have answered it',
    })
  })

  test('and the error says with which code the server has closed', async () => {
    const { socket, link } = await held()
    link.end(4_401, 'who are you')
    expect(socket.snapshot.lastEnd).toMatchObject({
      code: 4_401,
      reason: 'who are you',
      cause: { code: 'ERR_CONNECTION', message: 'the server closed with 4401 before the socket was open' },
    })
  })

  test('a receive() that nobody awaits is no unhandled rejection', async () => {
    const { exchange, socket } = await held()
    void exchange.receive()
    socket.close()
    void exchange.receive()
    await settled()
  })

  test('where the platform transmits no more, send() throws', async () => {
    const { exchange, link } = await held()
    link.ready = false
    expect(() => exchange.send('late')).toThrow(expect.objectContaining({ code: 'ERR_HELLO' }))
  })

  test('and then the way that the connection ends is the reason, whatever the hello makes of it', async () => {
    const { exchange, link, fail, said, socket } = await held()
    link.ready = false
    expect(() => exchange.send('late')).toThrow()
    fail(new Error('of its own'))
    await settled()
    expect(said()).toEqual([])
    link.end(4_401, 'who are you')
    expect(socket.snapshot.lastEnd).toMatchObject({ by: 'peer', code: 4_401 })
  })

  test('once it is done, send() and receive() are over', async () => {
    const { exchange, finish } = await held()
    finish()
    await settled()
    expect(() => exchange.send('late')).toThrow(expect.objectContaining({ code: 'ERR_HELLO' }))
    await expect(exchange.receive()).rejects.toMatchObject({ code: 'ERR_HELLO' })
  })

  test('the end by the server is told as the server said it', async () => {
    const { socket, link } = await held()
    link.end(4_401, 'who are you')
    expect(socket.snapshot.lastEnd).toMatchObject({ by: 'peer', code: 4_401, reason: 'who are you' })
  })
})

describe('a peer that floods it', () => {
  test('is read no further than readAhead, where the platform can stop', async () => {
    const { link, exchange, finish, said, clock } = await held({ readAhead: 2 })
    link.message('1')
    expect(link.reading).toBe('on')
    link.message('2')
    expect(link.reading).toBe('off')
    expect(await exchange.receive()).toBe('1')
    expect(link.reading).toBe('on')
    link.message('3')
    expect(link.reading).toBe('off')
    finish()
    await clock.advance(0)
    expect(link.reading).toBe('on')
    expect(said()).toEqual(['connecting→open', 'open 0', 'message 2', 'message 3'])
  })

  test('ends the attempt where it cannot', async () => {
    const platform = new SimPlatform()
    platform.able = {}
    const { socket, link, exchange, said } = await held({ readAhead: 2 }, platform)
    link.message('1')
    expect(await exchange.receive()).toBe('1')
    link.message('2')
    link.message('3')
    expect(said()).toEqual(['error ERR_HELLO'])
    expect(socket.snapshot.lastEnd).toMatchObject({
      by: 'network',
      cause: { message: 'the hello left more than 2 messages unread' },
    })
  })

  test('and not where it is read', async () => {
    const platform = new SimPlatform()
    platform.able = {}
    const { link, finish, said, clock } = await held({ readAhead: 2 }, platform)
    link.message('1')
    finish()
    await clock.advance(0)
    expect(said()).toEqual(['connecting→open', 'open 0', 'message 1'])
  })
})

test('a platform that says twice that it is open greets once', async () => {
  const { link, exchange, finish, said } = await held()
  link.listener.onOpen()
  exchange.send('token')
  finish()
  await settled()
  link.listener.onOpen()
  link.message('heard')
  await settled()
  expect(link.beats).toEqual(['token'])
  expect(said()).toEqual(['connecting→open', 'open 0', 'message heard'])
})

test('a refused token may be fetched anew by the hello: one more dial', async () => {
  const { link, said, clock, platform } = await greeted({ hello: () => 'token' })
  await settled()
  link.end(3_000)
  expect(said()).toEqual(['connecting→open', 'open 0', 'open→connecting', 'close 3000 by peer, retries'])
  await clock.advance(100)
  platform.link.open()
  await settled()
  platform.link.end(3_000)
  expect(said().at(-1)).toBe('close 3000 by peer, final')
})
