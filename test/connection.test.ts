import { describe, expect, test } from 'vitest'
import { Connection, type Owner } from '../src/connection.js'
import { HandshakeError } from '../src/errors.js'
import type { End, Target } from '../src/machine/state.js'
import type { Attempt, Data, Endpoint, Options, Provider } from '../src/options.js'
import { Endpoints } from '../src/retry/endpoints.js'
import { readSettings } from '../src/settings.js'
import { settled } from './sim/clock.js'
import { type Abilities, SimPlatform } from './sim/platform.js'
import { catchReports, URL_A } from './sim/socket.js'

const target: Target = { url: URL_A, protocols: undefined }

/** One connection, and what its owner hears. */
function start(options: Options = {}, url: Provider<Endpoint> = URL_A, able?: Partial<Abilities>) {
  const platform = new SimPlatform()
  platform.random = () => 0.5
  if (able) platform.able = able
  const told: string[] = []
  const ends: End[] = []
  const targets: Target[] = []
  const world = { reading: 'on' as 'on' | 'off', binaryType: 'arraybuffer' as 'arraybuffer' | 'blob' }
  const owner: Owner = {
    settings: readSettings(url, options),
    platform,
    endpoints: new Endpoints(),
    binaryType: () => world.binaryType,
    paused: () => world.reading === 'off',
    prepared: (given) => {
      told.push('prepared')
      targets.push(given)
    },
    opened: () => void told.push('opened'),
    ended: (end) => {
      told.push('ended')
      ends.push(end)
    },
    message: (data) => void told.push(`message ${String(data)}`),
    beat: (rtt) => void told.push(`beat ${rtt}`),
    flow: () => void told.push('flow'),
  }
  const connection = new Connection(owner)
  return {
    connection,
    platform,
    clock: platform.clock,
    world,
    ends,
    targets,
    /** What it told since the last look. */
    told: () => told.splice(0),
    get link() {
      return platform.link
    },
  }
}

/** The same, dialed and open. */
function open(options: Options = {}, able?: Partial<Abilities>) {
  const started = start(options, URL_A, able)
  started.connection.dial(target)
  started.link.open()
  started.connection.establish()
  started.told()
  return started
}

const message = (data: string) => ({ data, expires: Infinity })

describe('prepare()', () => {
  test('gives the target: URL, protocols, headers', async () => {
    const headers = { authorization: 'x' }
    const { connection, targets, told } = start({ protocols: 'p', node: { headers } }, 'https://a.test/x')
    connection.prepare(0, undefined)
    expect(told()).toEqual([])
    await settled()
    expect(told()).toEqual(['prepared'])
    expect(targets).toEqual([{ url: 'wss://a.test/x', protocols: ['p'], headers }])
  })

  test('asks each provider, sync or async, and tells it of the attempt', async () => {
    const attempts: Attempt[] = []
    const give =
      <T>(answer: T) =>
      (attempt: Attempt): T => {
        attempts.push(attempt)
        return answer
      }
    const lastEnd: End = { by: 'peer', code: 1000, reason: '', wasClean: true }
    const { connection, targets } = start(
      { protocols: give(Promise.resolve(['p'])), node: { headers: give({ a: 'b' }) } },
      give(Promise.resolve('ws://b.test/')),
    )
    connection.prepare(3, lastEnd)
    await settled()
    expect(targets).toEqual([{ url: 'ws://b.test/', protocols: ['p'], headers: { a: 'b' } }])
    expect(attempts.length).toBe(3)
    for (const attempt of attempts) {
      expect(attempt).toMatchObject({ number: 3, lastEnd })
      expect(attempt.signal.aborted).toBe(false)
    }
    connection.release()
    expect(attempts.map(({ signal }) => signal.aborted)).toEqual([true, true, true])
  })

  const error = new Error('no token')
  const failures: [string, () => unknown][] = [
    [
      'throws',
      () => {
        throw error
      },
    ],
    ['rejects', () => Promise.reject(error)],
  ]
  const make: Record<string, (provider: () => never) => [Options, Provider<Endpoint>]> = {
    url: (provider) => [{}, provider],
    protocols: (provider) => [{ protocols: provider }, URL_A],
    headers: (provider) => [{ node: { headers: provider } }, URL_A],
  }

  test.each(
    Object.keys(make).flatMap((what) => failures.map(([how, provider]) => [what, how, provider] as const)),
  )('a provider of the %s that %s fails the attempt, once', async (what, _, provider) => {
    const { connection, ends, told } = start(...make[what]!(provider as () => never))
    connection.prepare(0, undefined)
    await settled()
    expect(told()).toEqual(['ended'])
    expect(ends).toEqual([
      { by: 'network', code: 1006, reason: '', wasClean: false, cause: expect.anything() as unknown },
    ])
    expect(ends[0]!.cause).toMatchObject({ code: 'ERR_PROVIDER', cause: error })
    expect(ends[0]!.cause!.message).toContain(what)
  })

  test.each([
    ['url', ''],
    ['url', 'ftp://a.test'],
    ['url', []],
    ['url', undefined],
    ['protocols', 'a b'],
    ['protocols', 5],
    ['protocols', ['a', 'a']],
  ])('a provider of the %s that gives %j fails the attempt', async (what, answer) => {
    const { connection, ends } = start(...make[what]!((() => answer) as () => never))
    connection.prepare(0, undefined)
    await settled()
    expect(ends[0]!.cause).toMatchObject({
      code: 'ERR_PROVIDER',
      cause: { code: 'ERR_INVALID_ARGUMENT', argument: what },
    })
  })

  test('a provider that never settles is given up at connectTimeout, and its late answer ignored', async () => {
    let answer!: (url: string) => void
    const { connection, ends, told, clock } = start(
      { connectTimeout: 1_000 },
      () => new Promise<string>((resolve) => (answer = resolve)),
    )
    connection.prepare(0, undefined)
    await clock.advance(999)
    expect(told()).toEqual([])
    await clock.advance(1)
    expect(ends).toMatchObject([{ by: 'network', code: 1006, cause: { code: 'ERR_CONNECT_TIMEOUT' } }])
    connection.release()
    told()
    answer(URL_A)
    await settled()
    expect(told()).toEqual([])
  })

  test('after release(), nothing is told, neither an answer nor a failure', async () => {
    for (const url of [URL_A, () => Promise.reject(error)]) {
      const { connection, told, clock } = start({}, url)
      connection.prepare(0, undefined)
      connection.release()
      await settled()
      expect([told(), clock.timers]).toEqual([[], []])
    }
  })
})

describe('dial()', () => {
  test('hands over the options, and the binaryType of the moment', () => {
    const { connection, platform, world } = start({
      closeTimeout: 7,
      node: { a: 1 },
      binaryType: 'arraybuffer',
    })
    world.binaryType = 'blob'
    connection.dial(target)
    expect(platform.link.target).toBe(target)
    expect(platform.link.options).toMatchObject({ binaryType: 'blob', closeTimeout: 7, node: { a: 1 } })
    expect(connection.link).toBe(platform.link)
  })

  test('a platform that refuses fails the attempt', () => {
    const { connection, platform, ends } = start()
    const error = new Error('SecurityError')
    platform.dialed = () => {
      throw error
    }
    connection.dial(target)
    expect(ends).toMatchObject([
      { by: 'network', code: 1006, cause: { code: 'ERR_CONNECTION', cause: error } },
    ])
    expect(connection.link).toBeUndefined()
  })

  test('the connect deadline covers providers and handshake together', async () => {
    const { connection, clock, ends, told } = start({ connectTimeout: 1_000 })
    connection.prepare(0, undefined)
    await clock.advance(600)
    connection.dial(target)
    await clock.advance(399)
    expect(told()).toEqual(['prepared'])
    await clock.advance(1)
    expect(ends[0]!.cause).toMatchObject({ code: 'ERR_CONNECT_TIMEOUT' })
  })

  test('the handshake succeeds', () => {
    const { connection, platform, told } = start()
    connection.dial(target)
    platform.link.open()
    expect(told()).toEqual(['opened'])
  })
})

describe('establish()', () => {
  test('ends the connect deadline', async () => {
    const { connection, clock, platform } = start({ heartbeat: false })
    connection.prepare(0, undefined)
    connection.dial(target)
    platform.link.open()
    connection.establish()
    expect(clock.timers).toEqual([])
  })

  test.each([
    ['by ping', {}, { ping: true }, 1],
    ['by a message', { heartbeat: { message: 'x' } }, {}, 1],
    ['not where it is off', { heartbeat: false }, { ping: true }, 0],
    ['not where nothing can be sent', {}, {}, 0],
  ] as const)('starts the heartbeat: %s', (_, options, able, timers) => {
    expect(open(options, able).clock.timers.length).toBe(timers)
  })

  test('stops reading where it should be stopped, if it can', () => {
    for (const able of [{ pause: true }, {}]) {
      const { connection, platform, world } = start({}, URL_A, able)
      world.reading = 'off'
      connection.dial(target)
      connection.establish()
      expect(platform.link.reading).toBe(able.pause ? 'off' : 'on')
    }
  })
})

describe('the heartbeat', () => {
  const heartbeat = { interval: 1_000, timeout: 100 }

  test('pings, and ends the connection where nothing comes: judged by this side', async () => {
    const { link, clock, ends } = open({ heartbeat })
    await clock.advance(1_000)
    expect(link.pings).toBe(1)
    await clock.advance(101)
    expect(ends).toMatchObject([
      { by: 'client', code: 1006, wasClean: false, cause: { code: 'ERR_HEARTBEAT' } },
    ])
    expect(ends[0]!.cause!.message).toContain('100 ms')
  })

  test('sends its message instead, or what the function gives each time', async () => {
    let count = 0
    for (const message of ['beat', () => `beat ${++count}`]) {
      const { link, clock } = open({ heartbeat: { ...heartbeat, message } })
      await clock.advance(1_000)
      link.message('any')
      await clock.advance(1_101)
      expect(link.pings).toBe(0)
      expect(link.beats).toEqual(typeof message === 'string' ? ['beat', 'beat'] : ['beat 1', 'beat 2'])
      expect(link.sent).toEqual([])
    }
  })

  test('whose message() throws surfaces, and the verdict follows', async () => {
    const reports = catchReports()
    const error = new Error('mine')
    const message = (): never => {
      throw error
    }
    const { clock, ends } = open({ heartbeat: { ...heartbeat, message } })
    await clock.advance(1_101)
    expect(reports).toEqual([error])
    expect(ends[0]!.cause).toMatchObject({ code: 'ERR_HEARTBEAT' })
  })

  test('whose ping the platform throws at, likewise', async () => {
    const reports = catchReports()
    const { clock, ends, link } = open({ heartbeat })
    link.failure = new Error('not open')
    await clock.advance(1_101)
    expect(reports).toEqual([link.failure])
    expect(ends.length).toBe(1)
  })

  test('takes any message for life where bytes are not counted', async () => {
    const { link, clock, ends, told } = open({ heartbeat }, { ping: true })
    await clock.advance(1_000)
    link.message('x')
    await clock.advance(101)
    expect(ends).toEqual([])
    expect(told()).toEqual(['message x', 'flow', 'flow'])
  })

  test('takes bytes for life where they are', async () => {
    const { link, clock, ends } = open({ heartbeat })
    await clock.advance(1_000)
    link.bytes++
    await clock.advance(101)
    expect(ends).toEqual([])
  })

  test('sending is no life', async () => {
    const { connection, clock, ends } = open({ heartbeat })
    await clock.advance(1_000)
    for (let i = 0; i < 5; i++) {
      connection.send(message('x'))
      await clock.advance(20)
    }
    await clock.advance(1)
    expect(ends.length).toBe(1)
  })

  test('gives no verdict while reading is stopped', async () => {
    const { clock, ends, world } = open({ heartbeat })
    world.reading = 'off'
    await clock.advance(10_000)
    expect(ends).toEqual([])
  })

  test('tells of each reply, and that sending may go on', async () => {
    const { link, clock, told, connection } = open({ heartbeat })
    await clock.advance(1_000)
    expect(connection.doubtful).toBe(true)
    await clock.advance(12)
    link.pong()
    expect(told()).toEqual(['beat 12', 'flow'])
    expect(connection.doubtful).toBe(false)
  })

  test('a pong that nobody asked for says nothing', () => {
    const { link, told } = open({ heartbeat })
    link.pong()
    expect(told()).toEqual([])
    const off = open({ heartbeat: false })
    off.link.pong()
    expect([off.told(), off.connection.doubtful]).toEqual([[], false])
  })

  test('isReply keeps the reply out, and measures by it', async () => {
    const isReply = (data: Data): boolean => data === 'pong'
    const { link, clock, told } = open({ heartbeat: { ...heartbeat, message: 'ping', isReply } }, {})
    await clock.advance(1_000)
    link.message('other')
    await clock.advance(7)
    link.message('pong')
    link.message('pong')
    expect(told()).toEqual(['message other', 'flow', 'beat 7', 'flow'])
  })

  test('isReply that throws surfaces, and the message is one', async () => {
    const reports = catchReports()
    const error = new Error('mine')
    const isReply = (): never => {
      throw error
    }
    const { link, told } = open({ heartbeat: { ...heartbeat, isReply } })
    link.message('x')
    expect([told(), reports]).toEqual([['message x'], [error]])
  })
})

describe('probe()', () => {
  test('pings now', () => {
    const { connection, link } = open()
    connection.probe()
    expect([link.pings, connection.doubtful]).toEqual([1, true])
  })

  test('without a heartbeat does nothing', () => {
    const { connection, clock } = open({ heartbeat: false })
    connection.probe()
    expect(clock.timers).toEqual([])
  })

  test('of a platform that transmits no more: it has closeTimeout to say close', async () => {
    const { connection, link, clock, ends } = open({ heartbeat: false, closeTimeout: 500 })
    link.ready = false
    connection.probe()
    await clock.advance(400)
    // the first suspicion counts
    connection.probe()
    await clock.advance(99)
    expect(ends).toEqual([])
    await clock.advance(1)
    expect(ends).toMatchObject([{ by: 'network', code: 1006, cause: { code: 'ERR_CONNECTION' } }])
  })
})

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
    await clock.advance(20)
    expect([told(), clock.timers]).toEqual([['flow'], []])
  })

  test('never without an outbox, nor without a platform socket', () => {
    const { connection, link } = open({ outbox: false })
    link.network = 'held'
    connection.send(message('x'.repeat(100_000)))
    expect(connection.congested).toBe(false)
    expect(start().connection.congested).toBe(false)
  })
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

  test('before there is a platform socket has only its deadline', () => {
    const { connection, clock } = start({ closeTimeout: 500 })
    connection.shut(undefined, undefined)
    expect(clock.timers).toEqual([500])
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
      link.listener.onSent()
      link.fail()
      link.end()
      connection.shut(1000, '')
      connection.send(message('x'))
      connection.probe()
      await settled()
      expect([told(), clock.timers]).toEqual([[], []])
    }
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
    expect(ends).toEqual([
      { by: 'peer', code: 4_000, reason: 'bye', wasClean: true },
      { by: 'peer', code: 1005, reason: '', wasClean: true },
      { by: 'peer', code: 4_001, reason: '', wasClean: false },
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
    expect(ends).toMatchObject([{ by: 'network', code: 1006, cause: { cause: error } }])
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
