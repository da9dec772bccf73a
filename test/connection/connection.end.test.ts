/** One attempt: what is sent by it, and its end. */
import { describe, expect, test } from 'vitest'
import { ConnectionError, HandshakeError } from '../../src/diagnostics/errors.js'
import { settled } from '../sim/clock.js'
import { message, open, start, target } from '../sim/connection.js'

describe('send()', () => {
  test('hands over', () => {
    const { connection, link } = open()
    expect(connection.send(message('a'))).toBe(true)
    expect(link.sent).toEqual(['a'])
  })

  test('not to a platform that transmits no more: then its close is due', async () => {
    const { connection, link, clock, ends } = open({ heartbeat: false, closeTimeout: 500 })
    link.ready = false
    expect(connection.send(message('a'))).toBe(false)
    expect(link.sent).toEqual([])
    await clock.advance(500)
    expect(ends.length).toBe(1)
  })

  test('not before there is a platform socket', () => {
    expect(start().connection.send(message('a'))).toBe(false)
  })

  test('what the platform does not accept is still the caller’s, and its close is due', async () => {
    const { connection, link, clock, ends } = open({ heartbeat: false, closeTimeout: 500 })
    link.send = () => false
    expect(connection.send(message('a'))).toBe(false)
    await clock.advance(500)
    expect(ends.length).toBe(1)
  })

  test('what the platform throws at is still the caller’s, and the connection ends in a second', async () => {
    const { connection, link, clock, ends } = open({ heartbeat: false })
    link.failure = new Error('InvalidStateError')
    expect(connection.send(message('a'))).toBe(false)
    await clock.advance(1_000)
    expect(ends).toMatchObject([{ by: 'network', cause: { cause: link.failure } }])
  })
})

describe('congested', () => {
  test('from highWaterMark on; flow as soon as the platform says that it sent', () => {
    const { connection, link, told, clock } = open({ heartbeat: false, outbox: { highWaterMark: 3 } })
    link.network = 'held'
    connection.send(message('ab'))
    expect([connection.congested, clock.timers]).toEqual([false, []])
    connection.send(message('c'))
    expect(connection.congested).toBe(true)
    link.transmit(1)
    expect([told(), clock.timers, connection.congested]).toEqual([['flow'], [], false])
    link.transmit()
    expect(told()).toEqual([])
  })

  test('flow comes soon also where the platform does not say', async () => {
    const { connection, link, told, clock } = open({ heartbeat: false, outbox: { highWaterMark: 1 } })
    link.network = 'held'
    connection.send(message('ab'))
    expect([connection.congested, connection.congested]).toEqual([true, true])
    expect(clock.timers.length).toBe(1)
    await clock.advance(19)
    // asking again does not put it off
    expect([connection.congested, told()]).toEqual([true, []])
    await clock.advance(1)
    expect([told(), clock.timers]).toEqual([['flow'], []])
  })

  test('without an outbox from 64 KiB on, never without a platform socket', () => {
    const { connection, link } = open({ outbox: false })
    link.network = 'held'
    connection.send(message('x'.repeat(65_535)))
    expect(connection.congested).toBe(false)
    connection.send(message('x'))
    expect(connection.congested).toBe(true)
    expect(start().connection.congested).toBe(false)
  })
})

test('held: what the platform holds, and flow as soon as it may hold less', async () => {
  const { connection, link, told, clock } = open({ heartbeat: false })
  expect([connection.held, start().connection.held, clock.timers]).toEqual([0, 0, []])
  link.network = 'held'
  connection.send(message('ab'))
  expect([connection.held, connection.held, clock.timers.length]).toEqual([2, 2, 1])
  link.transmit()
  expect([told(), connection.held, clock.timers]).toEqual([['flow'], 0, []])
  link.network = 'held'
  connection.send(message('c'))
  connection.release()
  expect([connection.held, clock.timers]).toEqual([1, []])
})

describe('shut()', () => {
  test('starts the closing handshake, reads on, and stops the heartbeat', () => {
    const { connection, link, clock } = open({ closeTimeout: 500 })
    link.reading = 'off'
    connection.shut(3_000, 'bye')
    expect([link.closes, link.reading, clock.timers]).toEqual([[[3_000, 'bye']], 'on', [500]])
  })

  test('a peer that does not answer ends at closeTimeout', async () => {
    const { connection, clock, ends } = open({ closeTimeout: 500 })
    connection.shut(undefined, undefined)
    await clock.advance(500)
    expect(ends).toMatchObject([
      { by: 'user', code: 1006, wasClean: false, cause: { code: 'ERR_CLOSE_TIMEOUT' } },
    ])
  })

  test('a platform that throws ends in a second, or at closeTimeout', async () => {
    for (const [closeTimeout, expected] of [
      [5_000, 1_000],
      [500, 500],
    ] as const) {
      const { connection, link, clock, ends } = open({ closeTimeout })
      link.failure = new Error('no')
      connection.shut(undefined, undefined)
      await clock.advance(expected - 1)
      expect(ends).toEqual([])
      await clock.advance(1)
      expect(ends.length).toBe(1)
    }
  })

  test('a platform that throws has until closeTimeout where that is the same', async () => {
    const { connection, link, clock, ends } = open({ closeTimeout: 1_000 })
    link.failure = new Error('no')
    connection.shut(undefined, undefined)
    await clock.advance(1_000)
    expect(ends).toMatchObject([{ by: 'user', cause: { code: 'ERR_CLOSE_TIMEOUT' } }])
  })

  test('before there is a platform socket has only its deadline', () => {
    const { connection, clock } = start({ closeTimeout: 500 })
    connection.shut(undefined, undefined)
    expect(clock.timers).toEqual([500])
  })
})

describe('hurry()', () => {
  test('a peer that does not answer is left after 200 ms', async () => {
    for (const before of [0, 1_000, 4_799]) {
      const { connection, link, clock, ends } = open({ closeTimeout: 5_000 })
      connection.shut(3_000, 'again')
      await clock.advance(before)
      connection.hurry()
      expect([link.closes, clock.timers]).toEqual([[[3_000, 'again']], [200]])
      await clock.advance(200)
      expect(ends).toEqual([{ by: 'user', code: 1006, reason: '', wasClean: false }])
    }
  })

  test('with the error that the platform has told of meanwhile', async () => {
    const { connection, clock, ends } = open()
    const error = new Error('broken')
    connection.shut(undefined, undefined)
    connection.hurry()
    connection.onError(error)
    await clock.advance(200)
    expect(ends).toMatchObject([{ by: 'user', cause: { code: 'ERR_CONNECTION', cause: error } }])
  })

  test('and at once where it has a ping to answer', async () => {
    for (const before of [0, 1_000]) {
      const { connection, clock, ends } = open()
      connection.probe()
      connection.shut(undefined, undefined)
      await clock.advance(before)
      connection.hurry()
      await clock.advance(0)
      expect(ends.length).toBe(1)
    }
  })

  test('and after 200 ms where something has come since the ping', async () => {
    const { connection, link, clock } = open()
    connection.probe()
    connection.shut(undefined, undefined)
    link.pong()
    connection.hurry()
    expect(clock.timers).toEqual([200])
  })

  test('and no later where all of it has gone out', async () => {
    const { connection, link, clock, ends } = open({ heartbeat: false })
    link.network = 'held'
    connection.send(message('x'))
    connection.shut(undefined, undefined)
    connection.hurry()
    link.transmit()
    await clock.advance(200)
    expect(ends.length).toBe(1)
  })

  test('and looks once in each moment, until closeTimeout', async () => {
    const { connection, link, clock, ends } = open({ closeTimeout: 400, heartbeat: false })
    link.network = 'held'
    connection.send(message('x'.repeat(100)))
    let looks = 0
    Object.assign(link, { taken: () => Math.min(++looks, 9) })
    connection.shut(undefined, undefined)
    connection.hurry()
    await clock.advance(400)
    // each moment begins with one and, but for the last, ends with another
    expect([looks, ends.length]).toEqual([3, 1])
  })

  test('and later while it takes what it was sent, up to closeTimeout', async () => {
    const { connection, link, clock, ends } = open({ closeTimeout: 1_000, heartbeat: false })
    link.network = 'held'
    connection.send(message('x'.repeat(100)))
    connection.shut(undefined, undefined)
    connection.hurry()
    for (let i = 0; i < 4; i++) {
      link.partly++
      await clock.advance(200)
    }
    expect(ends).toEqual([])
    await clock.advance(200)
    expect(ends.length).toBe(1)
    const endless = open({ closeTimeout: 1_000, heartbeat: false })
    endless.link.network = 'held'
    endless.connection.send(message('x'.repeat(100)))
    endless.connection.shut(undefined, undefined)
    endless.connection.hurry()
    for (let i = 0; i < 6; i++) {
      expect(endless.ends).toEqual([])
      endless.link.partly++
      await endless.clock.advance(200)
      if (i === 4) break
    }
    expect(endless.ends.length).toBe(1)
  })

  test('never beyond closeTimeout, in the middle of a moment too', async () => {
    const { connection, link, clock, ends } = open({ closeTimeout: 300, heartbeat: false })
    link.network = 'held'
    connection.send(message('x'.repeat(100)))
    connection.shut(undefined, undefined)
    connection.hurry()
    link.partly++
    await clock.advance(200)
    link.partly++
    expect([ends, clock.timers]).toEqual([[], [100]])
    await clock.advance(100)
    expect(ends.length).toBe(1)
  })

  test('a platform that does not tell what it takes has the moment and no more', async () => {
    const { connection, link, clock, ends } = open({ heartbeat: false }, {})
    link.network = 'held'
    connection.send(message('x'))
    connection.shut(3_000, 'again')
    connection.hurry()
    expect(link.closes).toEqual([[3_000, 'again']])
    await clock.advance(200)
    expect(ends.length).toBe(1)
  })

  test('never later than at the close deadline, or at that of an earlier call', async () => {
    const { connection, clock, ends } = open({ closeTimeout: 5_000 })
    connection.shut(undefined, undefined)
    await clock.advance(4_900)
    connection.hurry()
    expect(clock.timers).toEqual([100])
    await clock.advance(100)
    expect(ends).toMatchObject([{ by: 'user', cause: { code: 'ERR_CLOSE_TIMEOUT' } }])
    const again = open({ closeTimeout: 5_000 })
    again.connection.shut(undefined, undefined)
    again.connection.hurry()
    await again.clock.advance(150)
    again.connection.hurry()
    expect(again.clock.timers).toEqual([50])
  })
})

describe('release()', () => {
  test('lets go of everything, and gives back what was not transmitted', () => {
    const { connection, link, clock } = open({ outbox: { highWaterMark: 1 } })
    link.network = 'held'
    connection.send(message('a'))
    expect(connection.congested).toBe(true)
    connection.probe()
    expect(clock.timers.length).toBe(2)
    expect(connection.release()).toEqual([message('a')])
    expect([link.drops, clock.timers]).toEqual([1, []])
  })

  test('a flush that released it on the way leaves no timer', () => {
    const { connection, link, clock } = open({ heartbeat: false, outbox: { highWaterMark: 1 } })
    link.network = 'held'
    connection.send(message('a'))
    connection.release()
    expect([link.bufferedAmount, connection.congested, clock.timers]).toEqual([1, true, []])
  })

  test('law 10: whatever comes afterwards, nothing is told and no timer is started', async () => {
    for (const able of [{ ping: true, pause: true, received: true }, {}]) {
      const { connection, link, told, clock } = open(
        { heartbeat: { message: 'x', isReply: (data) => data === 'pong' } },
        able,
      )
      connection.probe()
      connection.release()
      link.open()
      link.message('x')
      link.message('pong')
      link.pong()
      link.listener.onRoom()
      link.listener.onEnding()
      link.fail()
      link.end()
      connection.shut(1000, '')
      connection.send(message('x'))
      connection.probe()
      await settled()
      expect([told(), clock.timers]).toEqual([[], []])
    }
  })

  test.each([{}, { hello: 'token' }])('before it is open, likewise: %j', (options) => {
    const { connection, platform, told, clock } = start(options)
    connection.dial(target)
    connection.release()
    platform.link.open().message('x')
    platform.link.fail()
    expect([told(), clock.timers]).toEqual([[], []])
  })

  test('before anything was made', () => {
    expect(start().connection.release()).toEqual([])
  })
})

describe('the end', () => {
  test('by the peer, in its own words', () => {
    const { link, ends } = open()
    link.end(4_000, 'bye')
    link.end(1005, '', true)
    link.end(4_001, '', false)
    link.end(4_999)
    link.end(1000)
    expect(ends).toEqual([
      { by: 'peer', code: 4_000, reason: 'bye', wasClean: true },
      { by: 'peer', code: 1005, reason: '', wasClean: true },
      { by: 'peer', code: 4_001, reason: '', wasClean: false },
      { by: 'peer', code: 4_999, reason: '', wasClean: true },
      { by: 'peer', code: 1000, reason: '', wasClean: true },
    ])
  })

  test.each([[1006], [999], [5_000], [1000.5], [NaN], ['1000'], [undefined]])(
    'by the network: code %s',
    (code) => {
      const { link, ends } = open()
      link.listener.onClose(code as number, '', false)
      expect(ends).toEqual([
        { by: 'network', code: 1006, reason: '', wasClean: false, cause: expect.anything() as unknown },
      ])
      expect(ends[0]!.cause).toMatchObject({ code: 'ERR_CONNECTION' })
      expect('cause' in ends[0]!.cause!).toBe(false)
    },
  )

  test.each([
    ['x'.repeat(200), 'x'.repeat(123)],
    [undefined, 'undefined'],
    [5, '5'],
  ])('a reason is a short string, whatever the platform says', (given, reason) => {
    const { link, ends } = open()
    link.listener.onClose(4_000, given as string, true)
    expect(ends[0]!.reason).toBe(reason)
  })

  test('carries the platform’s error', () => {
    const { link, ends } = open()
    const error = new Error('ECONNRESET')
    link.fail(error)
    expect(ends[0]!.cause).toMatchObject({ code: 'ERR_CONNECTION', cause: error })
    const spoken = open()
    spoken.link.listener.onError(error)
    spoken.link.end(1009)
    expect(spoken.ends[0]).toMatchObject({ by: 'peer', code: 1009, cause: { cause: error } })
  })

  test('carries an error of our own as it is', () => {
    const { link, ends } = open()
    const error = new HandshakeError(503)
    link.fail(error)
    expect(ends[0]!.cause).toBe(error)
  })

  test('comes a second after an error where the platform forgets it', async () => {
    const { link, clock, ends } = open({ heartbeat: false })
    const error = new Error('and then nothing')
    link.listener.onError(error)
    await clock.advance(999)
    expect(ends).toEqual([])
    await clock.advance(1)
    expect(ends).toMatchObject([{ by: 'network', code: 1006, wasClean: false, cause: { cause: error } }])
  })

  test('comes a moment after an error while dialing, where a close would say no more', async () => {
    const { connection, platform, clock, ends } = start({ connectTimeout: 5_000 })
    connection.prepare(0, undefined)
    connection.dial(target)
    platform.link.listener.onError(new Error('refused, and then nothing'))
    await clock.advance(49)
    expect(ends).toEqual([])
    await clock.advance(1)
    expect(ends).toMatchObject([{ by: 'network', code: 1006, failed: true }])
  })

  test('is that error too where connectTimeout comes first, as a class of undici forgets it while dialing', async () => {
    const { connection, platform, clock, ends } = start({ connectTimeout: 20 })
    connection.prepare(0, undefined)
    connection.dial(target)
    const error = new Error('refused, and then nothing')
    platform.link.listener.onError(error)
    await clock.advance(20)
    expect(ends).toMatchObject([{ by: 'network', code: 1006, failed: true, cause: { cause: error } }])
    expect(ends[0]!.cause).toBeInstanceOf(ConnectionError)
  })

  test('comes at closeTimeout where the peer has sent FIN and the platform waits on', async () => {
    const { link, clock, ends } = open({ heartbeat: false, closeTimeout: 500 })
    link.listener.onEnding()
    await clock.advance(400)
    link.listener.onEnding()
    await clock.advance(99)
    expect(ends).toEqual([])
    await clock.advance(1)
    expect(ends).toMatchObject([{ by: 'network', code: 1006, wasClean: false }])
  })

  test('an error that comes again and again does not put it off', async () => {
    const { link, clock, ends } = open({ heartbeat: false })
    for (let i = 0; i < 5; i++) {
      link.listener.onError(new Error('again'))
      await clock.advance(200)
    }
    expect(ends.length).toBe(1)
  })
})

test.each([[1000], [1002], [1008], [4000]])(
  'a close code that the platform says before open is no word of the peer: %i',
  (code) => {
    const attempt = start()
    attempt.connection.dial(target)
    attempt.link.listener.onClose(code, 'Expected 101 status code', true)
    expect(attempt.ends).toMatchObject([
      { by: 'network', code: 1006, reason: '', wasClean: false, cause: { code: 'ERR_CONNECTION' } },
    ])
  },
)

test('a close between the platform’s open and ours is the peer’s', () => {
  const attempt = start()
  attempt.connection.dial(target)
  attempt.link.listener.onOpen()
  attempt.link.listener.onClose(1008, 'no', true)
  expect(attempt.ends).toEqual([{ by: 'peer', code: 1008, reason: 'no', wasClean: true }])
})
