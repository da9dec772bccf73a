/** The public face: properties, listeners, iteration. */
import { describe, expect, test } from 'vitest'
import type { NodeEvents, ReconnectingSocket } from '../../src/index.js'
import { shellOf } from '../../src/socket/socket.js'
import { settled } from '../sim/clock.js'
import { SimPlatform } from '../sim/platform.js'
import { catchReports, open, simulate, URL_A } from '../sim/socket.js'
import { places, reach } from '../sim/states.js'
import { nothingUnhandled } from '../sim/unhandled.js'

nothingUnhandled()

describe('the properties', () => {
  test('url, protocol and extensions are of the current or last connection', async () => {
    const { socket, clock, platform } = simulate({ retry: { backoff: () => 0 } }, 'https://u:p@a.test/x?y')
    expect([socket.url, socket.protocol, socket.extensions]).toEqual(['', '', ''])
    await settled()
    expect([socket.url, socket.protocol]).toEqual(['wss://u:p@a.test/x?y', ''])
    platform.link.open({ protocol: 'p', extensions: 'e' })
    expect([socket.protocol, socket.extensions]).toEqual(['p', 'e'])
    platform.link.end()
    expect([socket.protocol, socket.extensions]).toEqual(['p', 'e'])
    await clock.advance(0)
    platform.link.open()
    expect([socket.protocol, socket.extensions]).toEqual(['', ''])
  })

  test('bufferedAmount is what waits here and in the platform', async () => {
    const { socket, link } = await open({ outbox: { highWaterMark: 1 } })
    link.network = 'held'
    socket.send('abc')
    expect(socket.bufferedAmount).toBe(3)
    link.ready = false
    socket.send('€')
    expect(socket.bufferedAmount).toBe(6)
    socket.terminate()
    expect([socket.bufferedAmount, socket.outbox.bytes]).toEqual([6, 6])
  })

  test('binaryType holds at once, and for the connections to come', async () => {
    const { socket, clock, platform } = simulate({ retry: { backoff: () => 0 }, binaryType: 'blob' })
    expect(socket.binaryType).toBe('blob')
    socket.binaryType = 'arraybuffer'
    await settled()
    expect(platform.link.binaryType).toBe('arraybuffer')
    platform.link.open()
    socket.binaryType = 'blob'
    expect([socket.binaryType, platform.link.binaryType]).toEqual(['blob', 'blob'])
    platform.link.end()
    await clock.advance(0)
    expect([platform.links.length, platform.link.binaryType]).toEqual([2, 'blob'])
  })

  test.each(places)('in %s binaryType can be set, and reading paused and resumed', async (place) => {
    const { socket } = await reach(place)
    socket.binaryType = 'blob'
    expect(socket.binaryType).toBe('blob')
    expect(() => shellOf(socket).pause()?.()).not.toThrow()
  })

  test.each([['nodebuffer'], [undefined], [null], [5]])('binaryType cannot be %s', async (type) => {
    const { socket, link } = await open()
    expect(() => (socket.binaryType = type as 'blob')).toThrow(
      expect.objectContaining({ argument: 'binaryType' }) as Error,
    )
    expect([socket.binaryType, link.binaryType]).toEqual(['arraybuffer', 'arraybuffer'])
  })
})

describe('listeners', () => {
  test.each([
    ['an event that there is not', 'type', ['opne', () => {}]],
    ['an event of a session', 'type', ['resumed', () => {}]],
    ['a listener that is no function', 'listener', ['open', undefined]],
  ] as const)('%s is refused at once', (_, argument, args) => {
    const { socket } = simulate({ autoConnect: false })
    const refused = expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', argument }) as Error
    expect(() => socket.on(...(args as unknown as ['open', () => void]))).toThrow(refused)
    expect(() => socket.off(...(args as unknown as ['open', () => void]))).toThrow(refused)
  })

  test('each event of every platform may be listened to', () => {
    const { socket } = simulate({ autoConnect: false })
    const types = 'open message close error state drop heartbeat undecodable * handshake ping pong data'
    for (const type of types.split(' ')) expect(() => socket.on(type as '*', () => {})).not.toThrow()
  })

  test('data gives the opcode as well, before message does', async () => {
    const { socket, link } = await open()
    const heard: unknown[] = []
    socket.on('message', (data) => heard.push(data))
    ;(socket as ReconnectingSocket<NodeEvents>).on('data', ({ opcode, data }) => heard.push([opcode, data]))
    const buffer = new ArrayBuffer(1)
    link.message('a')
    link.message(buffer)
    expect(heard).toEqual([[1, 'a'], 'a', [2, buffer], buffer])
  })

  test('subscribe() needs a function', () => {
    const { socket } = simulate({ autoConnect: false })
    expect(() => socket.subscribe(undefined as unknown as () => void)).toThrow('listener must be a function')
  })

  test('on(), off() and their undo', async () => {
    const { socket, link } = await open()
    const heard: unknown[] = []
    const listener = (data: unknown): void => void heard.push(data)
    const any = (type: string): void => void heard.push(type)
    socket.on('message', listener)
    const undo = socket.on('*', any)
    link.message('a')
    socket.off('message', listener)
    link.message('b')
    undo()
    socket.on('*', any)
    socket.off('*', any)
    link.message('c')
    expect(heard).toEqual(['a', 'message', 'message'])
  })

  test('a message arrives as the platform gave it', async () => {
    const { socket, link } = await open()
    const heard: unknown[] = []
    socket.on('message', (data) => heard.push(data))
    const buffer = new ArrayBuffer(2)
    link.message(buffer)
    link.message('')
    expect(heard[0]).toBe(buffer)
    expect(heard[1]).toBe('')
  })

  test.each(['state', 'open', 'message', 'close', 'error', 'drop', 'heartbeat'] as const)(
    'law 9: a %s listener that throws disturbs neither the socket nor the others',
    async (type) => {
      const reports = catchReports()
      const error = new Error('mine')
      const simulated = simulate({
        retry: { backoff: () => 0 },
        outbox: { maxMessages: 0, overflow: 'drop-newest' },
      })
      simulated.socket.on(type, () => {
        throw error
      })
      const heard: unknown[] = []
      simulated.socket.on(type, () => heard.push(type))
      simulated.socket.send('x')
      await settled()
      simulated.link.fail()
      await simulated.clock.advance(0)
      simulated.link.open()
      simulated.platform.hint('probe')
      simulated.link.pong()
      simulated.link.message('m')
      simulated.link.end()
      expect(simulated.said().join(', ')).toBe(
        'drop x: overflow, error ERR_CONNECTION, connecting→open, open 1, heartbeat 0, message m, ' +
          'open→connecting, close 1000 by peer, retries',
      )
      expect(reports).toEqual(heard.map(() => error))
      expect(heard.length).toBeGreaterThan(0)
    },
  )
})

describe('iteration', () => {
  test('is of the messages from now on, to the end of the socket', async () => {
    const { socket, link, clock, platform } = await open({ retry: { backoff: () => 0 } })
    link.message('before')
    const iterator = socket[Symbol.asyncIterator]()
    link.message('a')
    link.end()
    await clock.advance(0)
    platform.link.open().message('b')
    socket.terminate()
    const all: unknown[] = []
    for await (const data of iterator) all.push(data)
    expect(all).toEqual(['a', 'b'])
    for await (const data of socket) all.push(data)
    expect(all).toEqual(['a', 'b'])
  })

  test('that is slow stops reading, over connections, until it has caught up', async () => {
    const { socket, link, clock, platform } = await open({ readAhead: 2, retry: { backoff: () => 0 } })
    const iterators = [socket[Symbol.asyncIterator](), socket[Symbol.asyncIterator]()]
    link.message('a')
    expect(link.reading).toBe('on')
    link.message('b')
    expect(link.reading).toBe('off')
    link.end()
    await clock.advance(0)
    expect(platform.link.open().reading).toBe('off')
    await iterators[0]!.next()
    expect(platform.link.reading).toBe('off')
    await iterators[1]!.next()
    expect(platform.link.reading).toBe('on')
  })

  test.each(['waiting', 'preparing', 'able to stop no more'] as const)(
    'that has caught up while the socket is %s reads on from there',
    async (meanwhile) => {
      let answer!: (url: string) => void
      let asked = 0
      const url = () => (asked++ === 0 ? URL_A : new Promise<string>((resolve) => (answer = resolve)))
      const { socket, link, clock, platform } = await open(
        { readAhead: 1, retry: { backoff: () => 1_000 } },
        url,
      )
      const messages = socket[Symbol.asyncIterator]()
      link.message('a')
      expect(link.reading).toBe('off')
      link.end(1001)
      const consume = async (): Promise<void> => expect(await messages.next()).toMatchObject({ value: 'a' })
      if (meanwhile === 'waiting') await consume()
      await clock.advance(1_000)
      if (meanwhile === 'preparing') await consume()
      if (meanwhile === 'able to stop no more') platform.able = {}
      answer(URL_A)
      await settled()
      platform.link.open()
      if (meanwhile === 'able to stop no more') await consume()
      expect([platform.links.length, platform.link.reading]).toEqual([2, 'on'])
    },
  )

  test('may begin before there is a connection to stop', async () => {
    const { socket, platform } = simulate({ readAhead: 1 })
    const messages = socket[Symbol.asyncIterator]()
    await settled()
    platform.link.open().message('a')
    expect(platform.link.reading).toBe('off')
    expect(await messages.next()).toMatchObject({ value: 'a' })
    expect(platform.link.reading).toBe('on')
  })

  test('that has stopped reading makes no doubt of an unanswered ping: what is sent goes out', async () => {
    const { socket, clock, link } = await open({ readAhead: 1, heartbeat: { interval: 1_000, timeout: 500 } })
    const messages = socket[Symbol.asyncIterator]()
    link.message('a')
    expect(link.reading).toBe('off')
    await clock.advance(1_000)
    expect(link.pings).toBe(1)
    expect(socket.send('while it is stopped')).toBe('sent')
    await messages.next()
    expect(link.reading).toBe('on')
    expect(socket.send('while an answer would be heard')).toBe('queued')
    link.pong()
    expect(link.sent).toEqual(['while it is stopped', 'while an answer would be heard'])
  })

  test('where reading cannot be stopped ends with an error', async () => {
    const platform = new SimPlatform()
    platform.able = {}
    const { socket } = simulate({ readAhead: 1 }, URL_A, platform)
    await settled()
    platform.link.open()
    const iterator = socket[Symbol.asyncIterator]()
    platform.link.message('a')
    await iterator.next()
    await expect(iterator.next()).rejects.toMatchObject({ code: 'ERR_SLOW_CONSUMER' })
    expect(socket.state).toBe('open')
  })
})
