/** `drain()`, and `close()` after it. */
import { describe, expect, test } from 'vitest'
import { DrainError, InvalidArgumentError } from '../../src/diagnostics/errors.js'
import type { ReconnectingSocket } from '../../src/index.js'
import { settled } from '../sim/clock.js'
import { open, simulate } from '../sim/socket.js'
import { nothing, owned } from '../sim/states.js'
import { nothingUnhandled } from '../sim/unhandled.js'

nothingUnhandled()

describe('drain()', () => {
  test('resolves at once where nothing is left, in any state', async () => {
    const { socket } = await open()
    socket.send('a')
    await socket.drain()
    const idle = simulate({ autoConnect: false })
    await idle.socket.drain()
    idle.socket.close()
    await idle.socket.drain()
  })

  test('waits for what waits, and for what the platform holds', async () => {
    const { socket, clock, platform } = simulate({ heartbeat: false })
    socket.send('a')
    const words: string[] = []
    void socket.drain().then(() => words.push('drained'))
    await settled()
    platform.link.network = 'held'
    platform.link.open()
    await clock.advance(1_000)
    expect([socket.outbox.size, words]).toEqual([0, []])
    platform.link.transmit()
    await clock.advance(20)
    expect(words).toEqual(['drained'])
    expect(clock.timers).toEqual([])
  })

  test('waits for an empty message, too', async () => {
    const { socket, clock, platform } = simulate({ heartbeat: false })
    socket.send('')
    let drained = false
    void socket.drain().then(() => (drained = true))
    await clock.advance(100)
    expect(drained).toBe(false)
    platform.link.open()
    await clock.advance(20)
    expect(drained).toBe(true)
  })

  test('without a timeout, or with one of Infinity, waits as long as it takes', async () => {
    const { socket, clock } = simulate({ retry: { backoff: () => 60_000 } })
    socket.send('a')
    for (const timeout of [undefined, Infinity]) {
      const drained = socket.drain({ timeout }).catch((error: unknown) => error)
      await clock.advance(200_000)
      socket.close()
      await clock.advance(20)
      expect(await drained).toMatchObject({ message: expect.stringMatching(/is closed/) as unknown })
      socket.connect()
    }
  })

  test('rejects with what is left after its timeout', async () => {
    const { socket, clock } = simulate({ connectTimeout: 5_000, retry: false })
    socket.send('ab')
    socket.send('c')
    let ended = 0
    const drained = socket
      .drain({ timeout: 70 })
      .catch((error: unknown) => error)
      .finally(() => ended++)
    await clock.advance(69)
    expect(ended).toBe(0)
    await clock.advance(1)
    expect(ended).toBe(1)
    expect(await drained).toBeInstanceOf(DrainError)
    expect(await drained).toMatchObject({
      messages: 2,
      bytes: 3,
      message: expect.stringMatching(/timed out after 70 ms/) as unknown,
    })
  })

  test('rejects when its signal is aborted, before or meanwhile', async () => {
    const { socket, clock } = simulate()
    socket.send('a')
    const { timers } = clock
    await expect(socket.drain({ signal: AbortSignal.abort() })).rejects.toThrow(/aborted/)
    const controller = new AbortController()
    const drained = socket.drain({ signal: controller.signal })
    controller.abort()
    await expect(drained).rejects.toThrow(/aborted/)
    expect(clock.timers).toEqual(timers)
  })

  test('rejects when the socket is closed with something left', async () => {
    const { socket, clock } = simulate()
    socket.send('a')
    const drained = expect(socket.drain()).rejects.toThrow(/closed/)
    socket.close()
    await clock.advance(20)
    await drained
  })

  test('reports how many are left, one or more, and why', async () => {
    const end = (socket: ReconnectingSocket): Promise<DrainError> =>
      socket.drain({ timeout: 0 }).then(
        () => expect.unreachable(),
        (error: unknown) => error as DrainError,
      )
    const idle = simulate({ autoConnect: false })
    idle.socket.send('a')
    const { message, cause } = await end(idle.socket)
    expect(message).toBe(
      'timed out after 0 ms with 1 message (1 byte) not sent: the socket is idle; call connect()',
    )
    expect(cause).toBeUndefined()

    const lost = await open({ heartbeat: false, retry: { limit: 1 } })
    const refused = new Error('refused')
    lost.link.fail(refused)
    lost.socket.send('ab')
    lost.socket.send('c')
    const waiting = await end(lost.socket)
    expect(waiting.message).toBe(
      'timed out after 0 ms with 2 messages (3 bytes) not sent: no connection is open',
    )
    expect(waiting.cause).toMatchObject({ code: 'ERR_CONNECTION', cause: refused })

    await lost.clock.advance(60_000)
    lost.link.fail(refused)
    const over = await end(lost.socket)
    expect(over.message).toBe(
      'the socket is closed with 2 messages (3 bytes) not sent: connect() sends the rest',
    )
    expect(over.cause).toMatchObject({ code: 'ERR_RETRY_LIMIT' })

    const slow = await open({ heartbeat: false, retry: { backoff: () => 0 } })
    slow.link.fail(refused)
    await slow.clock.advance(0)
    slow.link.open()
    slow.link.network = 'held'
    slow.socket.send('a')
    const busy = await end(slow.socket)
    expect([busy.message, busy.cause]).toEqual(['timed out after 0 ms with 1 byte not sent', undefined])
  })

  test('waits for the connection that a listener has asked for', async () => {
    const { socket, clock, platform, link } = await open({ retry: false, heartbeat: false })
    const drained = new Promise<void>((resolve, reject) => {
      socket.on('close', () => {
        socket.connect()
        socket.send('a')
        socket.drain().then(resolve, reject)
      })
    })
    link.end(1001)
    await settled()
    platform.link.open()
    await clock.advance(20)
    await drained
    expect(platform.link.sent).toEqual(['a'])
    expect(clock.timers).toEqual([])
  })

  test('checks its options', async () => {
    const { socket } = await open()
    for (const options of [{ timeout: -1 }, { signal: {} }, { time: 1 }])
      expect(() => socket.drain(options as never)).toThrow(InvalidArgumentError)
    expect(() => socket.drain(1 as never)).toThrow(/^options /)
  })
})

describe('close() with drain', () => {
  test('closes when all is sent, with its code', async () => {
    const { socket, clock, platform, said } = simulate({ heartbeat: false })
    socket.send('a')
    socket.close(3_000, 'done', { drain: 5_000 })
    expect(said()).toEqual([])
    await settled()
    platform.link.open()
    await clock.advance(20)
    expect(platform.link.sent).toEqual(['a'])
    expect(platform.link.closes).toEqual([[3_000, 'done']])
    platform.link.end(3_000)
    expect(await socket.closed).toMatchObject({ by: 'user', code: 3_000 })
  })

  test('closes after its timeout, and queued messages stay queued', async () => {
    const simulated = simulate()
    const { socket, clock } = simulated
    socket.send('a')
    socket.close(undefined, undefined, { drain: 100 })
    await clock.advance(100)
    expect([socket.state, socket.outbox.list()]).toEqual(['closed', ['a']])
    expect(owned(simulated)).toEqual(nothing)
  })

  test.each([
    ['connect', 'open'],
    ['close', 'closed'],
    ['reconnect', 'open'],
    ['terminate', 'closed'],
  ] as const)('is overruled by %s()', async (call, state) => {
    const { socket, clock, platform } = await open({ heartbeat: false })
    platform.link.network = 'held'
    socket.send('a')
    socket.close(3_000, 'done', { drain: 10_000 })
    socket[call]()
    // the peer of that connection says nothing any more
    await clock.advance(6_000)
    if (call === 'reconnect') {
      platform.link.network = 'held'
      platform.link.open()
    }
    await clock.advance(5_000)
    expect(socket.state).toBe(state)
    expect(platform.links.flatMap(({ closes }) => closes).filter(([code]) => code === 3_000)).toEqual([])
  })

  test('is not cut short by the end of a using block', async () => {
    for (const end of [Symbol.dispose, Symbol.asyncDispose] as const) {
      const { socket, clock, platform } = await open({ heartbeat: false })
      platform.link.network = 'held'
      socket.send('a')
      socket.close(3_000, 'done', { drain: 1_000 })
      const ended = socket[end]()
      await clock.advance(20)
      expect([socket.state, platform.link.closes]).toEqual(['open', []])
      platform.link.transmit()
      await clock.advance(20)
      expect([platform.link.sent, platform.link.closes]).toEqual([['a'], [[3_000, 'done']]])
      platform.link.end(3_000)
      await ended
      expect(socket.state).toBe('closed')
      socket.connect()
      socket[end]()
      expect(socket.state).toBe('closed')
    }
  })

  test('is overruled by another one, whatever the time of the first', async () => {
    const { socket, clock, platform } = await open({ heartbeat: false })
    platform.link.network = 'held'
    socket.send('a')
    socket.close(3_000, 'the first', { drain: 100 })
    socket.close(3_001, 'the second', { drain: 1_000 })
    await clock.advance(999)
    expect(platform.link.closes).toEqual([])
    await clock.advance(1)
    expect(platform.link.closes).toEqual([[3_001, 'the second']])
  })

  test('is not overruled by the dial that an earlier call has asked for', async () => {
    const { socket, clock, platform } = await open({ heartbeat: false })
    socket.close()
    socket.send('a')
    socket.connect()
    socket.close(3_000, 'done', { drain: 1_000 })
    platform.link.end(1000)
    await settled()
    platform.link.open()
    await clock.advance(20)
    expect(platform.link.sent).toEqual(['a'])
    expect(platform.link.closes).toEqual([[3_000, 'done']])
  })

  test('sends first what a listener has connected for', async () => {
    const { socket, clock, platform, link } = await open({ retry: false, heartbeat: false })
    const undo = socket.on('close', () => {
      undo()
      socket.connect()
      socket.send('a')
      socket.close(3_000, 'done', { drain: 1_000 })
    })
    link.end(1001)
    await settled()
    platform.link.open()
    await clock.advance(20)
    expect(platform.link.sent).toEqual(['a'])
    expect(platform.link.closes).toEqual([[3_000, 'done']])
  })

  test.each(['idle', 'closed'] as const)(
    'is overruled by connect() in the same listener, in %s',
    async (state) => {
      const { socket, platform } = simulate({
        autoConnect: false,
        outbox: { maxMessages: 1, overflow: 'drop-newest' },
      })
      if (state === 'closed') socket.close()
      socket.send('a')
      socket.on('drop', () => {
        socket.close(3_000, 'done', { drain: 1_000 })
        socket.connect()
      })
      socket.send('b')
      await settled()
      platform.link.open()
      await settled()
      expect([socket.state, platform.link.sent]).toEqual(['open', ['a']])
    },
  )

  test('in idle closes at once: nobody sends', async () => {
    const simulated = simulate({ autoConnect: false })
    const { socket } = simulated
    socket.send('a')
    socket.close(1000, '', { drain: 1_000 })
    expect([socket.state, socket.outbox.list()]).toEqual(['closed', ['a']])
    expect(owned(simulated)).toEqual(nothing)
  })

  test('in closed is close(), and checks its options', async () => {
    const { socket, said } = simulate({ autoConnect: false })
    socket.close()
    said()
    socket.close(1000, '', { drain: 100 })
    socket.close(1000, '', {})
    expect(said()).toEqual([])
    expect(() => socket.close(1000, '', { drain: -1 })).toThrow(InvalidArgumentError)
    expect(() => socket.close(1000, '', 100 as never)).toThrow(/^options /)
  })
})
