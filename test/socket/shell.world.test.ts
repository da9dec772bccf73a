/** The stateful shell and the world: hints, decisions, and platforms that misbehave. */
import { describe, expect, test } from 'vitest'
import type { Decision, End, Options, ReconnectingSocket } from '../../src/index.js'
import { settled } from '../sim/clock.js'
import { catchReports, open, simulate } from '../sim/socket.js'
import { nothing, owned, type Place, places, reach } from '../sim/states.js'
import type { Hint } from '../../src/machine/state.js'

const soon: Options = { retry: { backoff: () => 1_000 } }
const refused = 'error ERR_CONNECTION'

describe('decide', () => {
  const asking = (answer: () => Promise<Decision>, more: Options = {}) =>
    open({ ...more, retry: { decide: answer, backoff: () => 1_000 } })

  test('while it is out, the close is owed', async () => {
    let answer!: (decision: Decision) => void
    const { socket, link, said } = await asking(() => new Promise((resolve) => (answer = resolve)))
    link.end(1001)
    expect([said(), socket.snapshot.phase]).toEqual([['open→connecting'], 'deciding'])
    answer('stop')
    await settled()
    expect(said()).toEqual(['connecting→closed', 'close 1001 by peer, final'])
  })

  test('hears the number that the retry would have, from 1 again after a stable connection', async () => {
    const heard: unknown[] = []
    const decide = ({ code }: End, attempt: number): void => void heard.push([code, attempt])
    const { platform, clock } = await open({ retry: { decide, backoff: () => 1_000 } })
    for (const lived of [0, 0, 5_000]) {
      await clock.advance(lived)
      platform.link.end(1001)
      await clock.advance(1_000)
      platform.link.fail()
      await clock.advance(1_000)
      platform.link.open()
    }
    expect(heard).toEqual([
      [1001, 1],
      [1006, 2],
      [1001, 3],
      [1006, 4],
      [1001, 1],
      [1006, 2],
    ])
  })

  test('that does not answer within connectTimeout leaves it to the default', async () => {
    const { link, said, clock, socket } = await asking(() => new Promise(() => {}), { connectTimeout: 500 })
    link.end(1001)
    await clock.advance(499)
    expect(said()).toEqual(['open→connecting'])
    await clock.advance(1)
    expect([said(), socket.snapshot.phase]).toEqual([['close 1001 by peer, retries'], 'waiting'])
    expect(clock.timers).toEqual([1_000])
  })

  test('an answer that comes too late changes nothing', async () => {
    for (const overtake of ['close', 'reconnect'] as const) {
      let answer!: (decision: Decision) => void
      const { socket, link, said, clock } = await asking(() => new Promise((resolve) => (answer = resolve)))
      link.end(1001)
      socket[overtake]()
      await settled()
      said()
      const before = [socket.state, clock.timers]
      answer('stop')
      await settled()
      expect([said(), [socket.state, clock.timers]]).toEqual([[], before])
    }
  })
})

describe('hints', () => {
  test('wake while waiting: dials now, keeps the count, and at most once in 5 s', async () => {
    const { socket, platform, clock } = await reach('waiting')
    for (let i = 0; i < 10; i++) platform.hint('wake')
    await settled()
    expect([platform.links.length, socket.snapshot.attempt]).toEqual([2, 1])
    platform.link.fail()
    for (let i = 0; i < 10; i++) platform.hint('wake')
    await settled()
    expect([platform.links.length, socket.snapshot.phase]).toEqual([2, 'waiting'])
    await clock.advance(1_000)
    clock.sleep(4_000)
    platform.link.fail()
    platform.hint('wake')
    await settled()
    expect([platform.links.length, socket.snapshot.attempt]).toEqual([4, 3])
  })

  test('a dial that comes late, because the process stood still, is spread over 2 s; a page’s is not', async () => {
    for (const punctual of [true, false]) {
      const { platform, clock } = await reach('waiting')
      platform.punctual = punctual
      platform.random = () => 0.75
      clock.sleep(11_000)
      await clock.advance(1_000)
      expect([platform.links.length, clock.timers.length]).toEqual(punctual ? [1, 1] : [2, 1])
      if (punctual) expect(clock.timers).toEqual([1_500])
      await clock.advance(1_500)
      expect(platform.links.length).toBe(2)
    }
  })

  test('and then made, however late that comes: a process that is always busy must not wait for ever', async () => {
    const { platform, clock, socket } = await reach('waiting')
    platform.punctual = true
    platform.random = () => 0.5
    for (const [n, links] of [1, 2, 2, 3].entries()) {
      clock.sleep(4_000)
      await clock.advance(1_000)
      expect([n, platform.links.length]).toEqual([n, links])
      // the wait after the next failure is one of its own
      if (socket.snapshot.phase === 'dialing') platform.link.fail()
    }
  })

  test('a dial that comes a second late, as of a process that is busy, is made', async () => {
    const { platform, clock } = await reach('waiting')
    platform.punctual = true
    clock.sleep(1_000)
    await clock.advance(1_000)
    expect(platform.links.length).toBe(2)
  })

  test('probe while waiting does nothing', async () => {
    const { platform, said } = await reach('waiting')
    platform.hint('probe')
    await settled()
    expect([platform.links.length, said()]).toEqual([1, []])
  })

  test.each(['wake', 'probe'] as const)('%s while open: probes', async (hint) => {
    const { platform, link, said } = await open()
    platform.hint(hint)
    platform.hint(hint)
    expect([link.pings, said()]).toEqual([1, []])
  })

  test('suspend while open: lets go, and dials with the wake that follows, however soon', async () => {
    const { platform, said, socket, clock } = await reach('waiting')
    platform.hint('wake')
    await settled()
    const link = platform.link.open()
    said()
    platform.hint('suspend')
    expect(said()).toEqual(['open→connecting', 'close 1006 by client, retries'])
    expect([link.drops, clock.timers]).toEqual([1, [2 ** 31 - 1]])
    platform.hint('wake')
    await settled()
    expect([platform.links.length, socket.snapshot.phase]).toEqual([3, 'dialing'])
  })

  test('a wake told within the same listener as the suspend before it comes after it', async () => {
    const { platform, socket, link } = await open()
    socket.on('message', () => {
      platform.hint('suspend')
      platform.hint('wake')
    })
    link.message('x')
    await settled()
    expect([platform.links.length, socket.snapshot.phase]).toEqual([2, 'dialing'])
  })

  test.each(['preparing', 'dialing'] as const)('suspend while %s: gives the attempt up', async (place) => {
    const { platform, said, socket } = await reach(place)
    platform.hint('suspend')
    expect([said(), socket.snapshot.phase, platform.live]).toEqual([[refused], 'waiting', []])
  })

  test('suspend of a stable connection is its end as any other: what counts in a row starts afresh', async () => {
    const { platform, clock, socket } = await open({ retry: { maxElapsed: 8_000, backoff: () => 1_000 } })
    await clock.advance(10_000)
    platform.hint('suspend')
    platform.hint('wake')
    await settled()
    platform.link.fail()
    expect([socket.snapshot.phase, socket.snapshot.attempt]).toEqual(['waiting', 2])
  })

  test.each([0, 10_000])(
    'the time in which a page is suspended is no outage, after %d ms open',
    async (lived) => {
      const { platform, clock, socket } = await open({ retry: { maxElapsed: 8_000, backoff: () => 1_000 } })
      await clock.advance(lived)
      platform.hint('suspend')
      for (let times = 0; times < 2; times++) {
        await clock.advance(60_000)
        platform.hint('wake')
        await settled()
        platform.link.fail()
        expect([socket.snapshot.phase, times]).toEqual(['waiting', times])
        platform.hint('suspend')
      }
      await clock.advance(60_000)
      platform.hint('wake')
      await settled()
      await clock.advance(8_000)
      platform.link.fail()
      expect(socket.state).toBe('closed')
    },
  )

  test('suspend without retry is the end', async () => {
    const { platform, said, socket } = await open({ retry: false })
    platform.hint('suspend')
    expect(said()).toEqual(['open→closed', 'close 1006 by client, final'])
    expect((await socket.closed).cause).toMatchObject({ message: 'the page was suspended' })
  })

  test.each(places)('in %s no hint ends a wait, a closing or a decision', async (place) => {
    const { platform, socket, said } = await reach(place)
    const { state, phase } = socket.snapshot
    for (const hint of ['probe', 'wake'] as const) platform.hint(hint)
    expect(said()).toEqual([])
    expect([socket.state, phase === 'waiting' ? phase : socket.snapshot.phase]).toEqual([state, phase])
  })

  test.each([
    ['closing to dial again', ['closing→connecting', 'close 1006 by user, retries']],
    ['closing to start anew', ['closing→closed', 'close 1006 by user, final', 'closed→connecting', refused]],
  ] as const)('suspend while %s: lets go, and no dial before the wake', async (place, heard) => {
    for (const retry of [undefined, false] as const) {
      if (retry === false && place === 'closing to start anew') continue
      const { platform, link, socket, clock, said } = await reach(place, retry === false ? { retry } : {})
      platform.hint('suspend')
      expect(said()).toEqual(heard)
      expect([link.drops, socket.snapshot.phase, clock.timers]).toEqual([1, 'waiting', [2 ** 31 - 1]])
      // to start anew is a new run, whose first attempt has been given up
      const by = place === 'closing to dial again' ? 'user' : 'client'
      expect(socket.snapshot.lastEnd).toMatchObject({ by, code: 1006, reason: '', wasClean: false })
      await clock.advance(3_600_000)
      expect(platform.links).toHaveLength(1)
      platform.hint('wake')
      await settled()
      expect([platform.links.length, socket.snapshot.phase]).toEqual([2, 'dialing'])
    }
  })

  test('suspend while closing: closed at once', async () => {
    const simulated = await reach('closing')
    simulated.platform.hint('suspend')
    expect(simulated.said()).toEqual(['closing→closed', 'close 1006 by user, final'])
    expect(owned(simulated)).toEqual(nothing)
  })

  test('suspend while waiting, or deciding: no dial before the wake', async () => {
    for (const place of ['waiting', 'deciding after a connection'] as const) {
      const { platform, socket, clock } = await reach(place)
      const { length } = platform.links
      platform.hint('suspend')
      expect([socket.snapshot.phase, clock.timers]).toEqual(['waiting', [2 ** 31 - 1]])
      expect(socket.snapshot.nextDialAt).toBe(clock.date() + 2 ** 31 - 1)
      await clock.advance(3_600_000)
      expect(platform.links).toHaveLength(length)
      platform.hint('wake')
      await settled()
      expect(platform.links).toHaveLength(length + 1)
    }
  })

  test('suspend is an end as any other to the snapshot and the log', async () => {
    const ends: unknown[] = []
    const { platform, socket } = await open({ log: (record) => record.type === 'end' && ends.push(record) })
    platform.hint('suspend')
    expect(socket.snapshot.lastEnd).toMatchObject({
      by: 'client',
      code: 1006,
      reason: '',
      wasClean: false,
      cause: { message: 'the page was suspended' },
    })
    expect(ends).toMatchObject([{ by: 'client', code: 1006, error: 'ERR_CONNECTION', verdict: 'retry' }])
  })

  test('are listened to only while it runs, and not at all with hints: false', async () => {
    const simulated = simulate({ autoConnect: false })
    const counts = [simulated.platform.listening]
    for (const what of ['connect', 'close', 'connect', 'terminate'] as const) {
      simulated.socket[what]()
      counts.push(simulated.platform.listening)
    }
    expect(counts).toEqual([0, 1, 0, 1, 0])
    expect(simulate({ hints: false }).platform.listening).toBe(0)
  })

  test('may come from a source of one’s own', async () => {
    let tell: ((hint: Hint) => void) | undefined
    const { platform, link } = await open({
      hints(given) {
        tell = given
        return () => (tell = undefined)
      },
    })
    tell!('probe')
    expect([link.pings, platform.listening]).toEqual([1, 0])
  })

  test('law 9: a source that throws surfaces, and the socket goes on', async () => {
    const reports = catchReports()
    const error = new Error('mine')
    const throws = (): never => {
      throw error
    }
    const first = simulate({ hints: throws, autoConnect: false })
    first.socket.connect()
    await settled()
    first.link.open()
    expect(first.socket.state).toBe('open')
    const second = await open({ hints: () => throws })
    second.socket.terminate()
    expect(second.said()).toEqual(['open→closed', 'close 1006 by user, final'])
    expect(reports).toEqual([error, error])
  })
})

describe('law 10: a platform that misbehaves', () => {
  test('opens, speaks and ends within the dial', async () => {
    const { said, platform } = simulate(soon)
    platform.dialed = (link) => {
      link.message('too early')
      link.open()
      link.open()
      link.message('a')
      link.end(1001)
      link.end(1002)
    }
    await settled()
    expect(said()).toEqual([
      'connecting→open',
      'open 0',
      'message a',
      'open→connecting',
      'close 1001 by peer, retries',
    ])
  })

  test('answers a ping to a listener that terminates it', async () => {
    const { said, socket, platform, link } = await open()
    platform.hint('probe')
    socket.on('heartbeat', () => socket.terminate())
    expect(() => link.pong()).not.toThrow()
    expect(said()).toEqual(['heartbeat 0', 'open→closed', 'close 1006 by user, final'])
  })

  test('takes a message and cannot send it: one drop', async () => {
    const { said, link } = await open()
    link.listener.onLost('a')
    expect(said()).toEqual(['drop a: unreadable'])
  })

  test('speaks before it is open: nobody hears it', async () => {
    const { said, link } = await reach('dialing')
    link.message('early')
    link.pong()
    link.listener.onRoom()
    expect(said()).toEqual([])
  })

  test('ends twice, opens twice, errs after the end', async () => {
    const { said, link } = await open(soon)
    link.open()
    link.end(1001)
    link.end(1001)
    link.fail()
    link.open()
    expect(said()).toEqual(['open→connecting', 'close 1001 by peer, retries'])
  })

  test('ends twice within a listener: it is one end, which nobody is asked about again', async () => {
    const asked: unknown[] = []
    const decide = ({ code }: End, attempt: number): Promise<Decision> => {
      asked.push([code, attempt])
      return Promise.resolve('stop')
    }
    const ends: [Place, (socket: ReconnectingSocket) => void, string[], unknown[]][] = [
      [
        'dialing',
        () => {},
        ['open→connecting', 'connecting→closed', 'close 1001 by peer, final'],
        [[1001, 1]],
      ],
      ['dialing', (socket) => socket.terminate(), ['open→closed', 'close 1006 by user, final'], []],
    ]
    for (const [place, call, words, questions] of ends) {
      const { socket, link, said } = await reach(place, { retry: { decide } })
      socket.on('open', () => {
        call(socket)
        link.end(1001)
        link.end(1001)
      })
      link.open()
      await settled()
      expect(said()).toEqual(['connecting→open', 'open 0', ...words])
      expect(asked.splice(0)).toEqual(questions)
    }
  })

  test('of the past says nothing to a new connection', async () => {
    const { said, link, clock, platform, socket } = await open(soon)
    link.end(1001)
    await clock.advance(1_000)
    platform.link.open()
    said()
    link.open()
    link.message('late')
    link.pong()
    link.listener.onRoom()
    link.fail()
    link.end(1002)
    await clock.advance(2_000)
    expect([said(), socket.state, platform.link.drops]).toEqual([[], 'open', 0])
  })

  test('a message that waits its turn while terminate() is called is not delivered', async () => {
    const { said, socket, link } = await reach('dialing')
    socket.on('open', () => {
      socket.terminate()
      link.message('late')
    })
    link.open()
    expect(said()).toEqual(['connecting→open', 'open 0', 'open→closed', 'close 1006 by user, final'])
  })

  test('law 4: closes before it was open, in whatever words: a typed error', async () => {
    for (const [code, wasClean] of [
      [1006, false],
      [1000, true],
      [1005, true],
      [4_000, false],
    ] as const) {
      const { said, link } = await reach('dialing')
      link.end(code, '', wasClean)
      expect(said()).toEqual([refused])
    }
  })

  test('refuses to dial: that is final', async () => {
    const { said, clock, platform } = simulate(soon)
    platform.dialed = () => {
      throw new Error('not here')
    }
    await clock.advance(2_500)
    expect([said(), platform.links.length]).toEqual([['connecting→closed', 'error ERR_DIAL'], 1])
  })

  test('errs while closing: still user’s end, and closed', async () => {
    const simulated = await reach('closing')
    simulated.link.fail()
    expect(simulated.said()).toEqual(['closing→closed', 'close 1006 by user, final'])
    expect(owned(simulated)).toEqual(nothing)
  })
})
