/** One attempt: from its providers to an open connection, and its heartbeat. */
import { describe, expect, test, vi } from 'vitest'
import type { End } from '../../src/machine/state.js'
import type { Endpoint, Options } from '../../src/options/options.js'
import { settled } from '../sim/clock.js'
import { message, open, start, target } from '../sim/connection.js'
import { Held } from '../../src/platform/node/held.js'
import { catchReports, URL_A } from '../sim/socket.js'
import type { Data } from '../../src/delivery/payload.js'
import type { Attempt, Provider } from '../../src/options/provider.js'
import { nothingUnhandled } from '../sim/unhandled.js'

nothingUnhandled()

describe('prepare()', () => {
  test('gives the target: URL, protocols, headers', async () => {
    const headers = { authorization: 'x' }
    const { connection, targets, told } = start({ protocols: 'p', node: { headers } }, 'https://a.test/x')
    connection.prepare(0, undefined)
    expect(told()).toEqual([])
    await settled()
    expect(told()).toEqual(['prepared'])
    expect(targets).toMatchObject([{ url: 'wss://a.test/x', protocols: ['p'], headers }])
  })

  test('where there is nobody to ask, the target is there at once', () => {
    const options = { WebSocket: class {}, protocols: 'p' }
    const { connection, targets, told } = start(options, ['https://a.test/x', 'https://b.test/'])
    connection.prepare(0, undefined)
    expect(told()).toEqual(['prepared'])
    expect(targets).toEqual([{ url: 'wss://a.test/x', protocols: ['p'] }])
  })

  test('and a URL that is none any more fails the attempt, later', async () => {
    vi.stubGlobal('location', { href: 'https://a.test/' })
    const { connection, ends } = start({ WebSocket: class {} }, 'feed')
    vi.stubGlobal('location', { href: 'about:blank' })
    connection.prepare(0, undefined)
    expect(ends).toEqual([])
    await settled()
    expect(ends).toMatchObject([
      { by: 'network', cause: { message: 'the url provider failed', cause: { argument: 'url' } } },
    ])
    vi.unstubAllGlobals()
  })

  test('nor is a list of protocols dialed that has changed since it was checked', async () => {
    const protocols = ['p']
    const { connection, ends } = start({ WebSocket: class {}, protocols })
    protocols.push('p')
    connection.prepare(0, undefined)
    await settled()
    expect(ends).toMatchObject([
      { cause: { message: 'the protocols provider failed', cause: { argument: 'protocols' } } },
    ])
  })

  test('a class of one’s own is asked for no headers, and its providers are asked all the same', async () => {
    const options = { WebSocket: class {}, node: { headers: () => expect.unreachable() } }
    for (const given of [options, { ...options, protocols: () => 'p' }]) {
      const { connection, targets } = start(given, () => 'https://a.test/x')
      connection.prepare(0, undefined)
      await settled()
      expect(targets).toEqual([
        { url: 'wss://a.test/x', protocols: 'protocols' in given ? ['p'] : undefined },
      ])
    }
    const { connection, targets } = start({ ...options, protocols: () => Promise.resolve('p') })
    connection.prepare(0, undefined)
    await settled()
    expect(targets).toEqual([{ url: URL_A, protocols: ['p'] }])
  })

  test('a platform that has nothing more to ask for gives the target at once', () => {
    const { connection, platform, targets } = start()
    Object.assign(platform, { provide: undefined })
    connection.prepare(0, undefined)
    expect(targets).toEqual([{ url: URL_A, protocols: undefined }])
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
    expect(targets).toMatchObject([{ url: 'ws://b.test/', protocols: ['p'], headers: { a: 'b' } }])
    expect(attempts.length).toBe(3)
    for (const attempt of attempts) {
      expect(attempt).toMatchObject({ number: 3, lastEnd })
      expect(attempt.signal.aborted).toBe(false)
    }
    connection.release()
    expect(attempts.map(({ signal }) => signal.aborted)).toEqual([true, true, true])
  })

  test('a signal that is asked for only after release() is aborted', () => {
    const { connection } = start()
    connection.release()
    expect(connection.signal.aborted).toBe(true)
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

  test('and the turn of the endpoints is not that of a late answer', async () => {
    let answer!: (urls: string[]) => void
    const { connection, owner } = start({}, () => new Promise<string[]>((resolve) => (answer = resolve)))
    const urls = [URL_A, 'ws://b.test/', 'ws://c.test/'] as const
    owner.endpoints.pick(urls)
    owner.endpoints.failed()
    connection.prepare(0, undefined)
    connection.release()
    answer([URL_A])
    await settled()
    owner.endpoints.failed()
    expect(owner.endpoints.pick(urls)).toBe(urls[2])
  })

  test('reports are told while it lasts, and not after release()', () => {
    const { connection, told } = open()
    connection.onReport('ping', new Uint8Array())
    expect(told()).toEqual(['report ping'])
    connection.release()
    connection.onReport('ping', new Uint8Array())
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
      node: { family: 4 },
      binaryType: 'arraybuffer',
    })
    world.binaryType = 'blob'
    connection.dial(target)
    expect(platform.link.target).toBe(target)
    expect(platform.link.options).toMatchObject({ binaryType: 'blob', closeTimeout: 7, node: { family: 4 } })
    expect(connection.link).toBe(platform.link)
  })

  test('a platform that refuses fails the attempt, when whoever dialed has had time to listen', async () => {
    const { connection, platform, ends } = start()
    const error = new Error('SecurityError')
    platform.dialed = () => {
      throw error
    }
    connection.dial(target)
    expect(ends).toEqual([])
    await settled()
    expect(ends).toMatchObject([{ by: 'network', code: 1006, cause: { code: 'ERR_DIAL', cause: error } }])
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

  test('a connect deadline that fires late lets in what has arrived meanwhile', async () => {
    const { connection, platform, clock, told } = start({ connectTimeout: 1_000 })
    connection.prepare(0, undefined)
    connection.dial(target)
    clock.sleep(500)
    await clock.advance(1_000)
    platform.link.open()
    expect(told()).toEqual(['prepared', 'opened'])
  })

  test('and ends the attempt if nothing has', async () => {
    const { connection, clock, ends } = start({ connectTimeout: 1_000 })
    connection.prepare(0, undefined)
    connection.dial(target)
    clock.sleep(500)
    await clock.advance(1_000)
    expect(ends).toEqual([])
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

  test('has no heartbeat on a connection that another socket owns, and tells its loss as its own end', () => {
    const { connection, platform, clock, ends } = start({}, URL_A, { ping: true })
    connection.dial(target)
    Object.assign(platform.link, { shared: true }).open()
    connection.establish()
    expect(clock.timers).toEqual([])
    platform.link.fail()
    expect(ends).toMatchObject([{ by: 'client', code: 1006, cause: { code: 'ERR_CONNECTION' } }])
  })

  test('asks for no hello on a connection that another socket owns', () => {
    const { connection, platform, told } = start({ hello: 'token' })
    connection.dial(target)
    Object.assign(platform.link, { shared: true }).open()
    expect(told()).toEqual(['opened'])
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

  test.each(['release', 'shut'] as const)(
    'whose message() ends the connection sends nothing more',
    async (way) => {
      const message = (): string => {
        if (way === 'release') connection.release()
        else connection.shut(undefined, undefined)
        return 'late'
      }
      const { connection, clock, link } = open({ heartbeat: { ...heartbeat, message } })
      await clock.advance(1_000)
      expect(link.beats).toEqual([])
      expect(clock.timers).toEqual(way === 'release' ? [] : [5_000])
    },
  )

  test('sends nothing to a platform that transmits no more and has yet to say so', async () => {
    const reports = catchReports()
    const { clock, ends, link } = open({ heartbeat: { ...heartbeat, message: 'beat' } })
    Object.assign(link, { ready: false, failure: new Error('not open') })
    await clock.advance(1_101)
    expect([reports, ends]).toMatchObject([[], [{ by: 'client', cause: { code: 'ERR_HEARTBEAT' } }]])
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

  test.each([
    ['no isReply', heartbeat],
    ['no heartbeat', false],
  ] as const)('with %s, each message is one, and nothing surfaces', (_, given) => {
    const reports = catchReports()
    const { link, told } = open({ heartbeat: given })
    link.message('x')
    expect([told(), reports]).toEqual([['message x'], []])
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

describe('what one packet brings', () => {
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  function held() {
    const started = start()
    Object.assign(started.platform, { Held })
    started.connection.dial(target)
    started.link.open()
    started.connection.establish()
    started.told()
    return started
  }

  test('with the opening is kept, in order, until the next turn', async () => {
    const { connection, link, told, ends } = held()
    connection.probe()
    link.message('greeting')
    link.listener.onReport('ping', new Uint8Array())
    link.pong()
    link.listener.onEnding()
    link.fail(new Error('reset'))
    expect([told(), ends]).toEqual([[], []])
    await turn()
    expect(told()).toEqual(['message greeting', 'flow', 'report ping', 'beat 0', 'flow', 'ended'])
    expect(ends).toMatchObject([{ code: 1006, cause: { code: 'ERR_CONNECTION' } }])
    link.message('later')
    expect(told()).toEqual(['message later'])
  })

  test('is not told of a connection that was released meanwhile', async () => {
    const { connection, link, told } = held()
    link.message('greeting')
    connection.release()
    await turn()
    expect(told()).toEqual([])
  })

  test('is told at once where the platform holds nothing back', () => {
    const { link, told } = open()
    link.message('x')
    expect(told()).toEqual(['message x'])
  })
})
