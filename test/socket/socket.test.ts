/** The public face: every method, in every state. */
import { describe, expect, test } from 'vitest'
import { InvalidArgumentError } from '../../src/diagnostics/errors.js'
import { settled } from '../sim/clock.js'
import { open, simulate } from '../sim/socket.js'
import { nothing, owned, type Place, places, reach } from '../sim/states.js'
import { nothingUnhandled } from '../sim/unhandled.js'

nothingUnhandled()

const refused = 'error ERR_CONNECTION'

describe('connect()', () => {
  const said: Partial<Record<Place, string[]>> = {
    idle: ['idle→connecting'],
    closed: ['closed→connecting'],
  }

  test.each(places)('in %s', async (place) => {
    const simulated = await reach(place)
    const before = simulated.platform.links.length
    simulated.socket.connect()
    simulated.socket.connect()
    expect(simulated.said()).toEqual(said[place] ?? [])
    if (!said[place]) return
    await settled()
    expect(simulated.platform.links.length).toBe(before + 1)
  })

  test.each([1, 2, 3])('after close(), closed is reached first (%i times)', async (times) => {
    const { socket, said, link, clock, platform } = await open()
    socket.close(3_000)
    for (let i = 0; i < times; i++) socket.connect()
    expect([said(), socket.state]).toEqual([['open→closing'], 'closing'])
    link.end(3_000)
    expect(said()).toEqual(['closing→closed', 'close 3000 by user, final', 'closed→connecting'])
    await clock.advance(0)
    platform.link.open()
    expect(said()).toEqual(['connecting→open', 'open 0'])
    expect(platform.links.length).toBe(2)
  })

  test('after close() waits for the peer until closeTimeout', async () => {
    const { socket, platform, clock } = await reach('closing to start anew', { closeTimeout: 1_000 })
    await clock.advance(999)
    expect([socket.state, platform.links.length]).toEqual(['closing', 1])
    await clock.advance(1)
    expect([platform.links.length, platform.live.length]).toEqual([2, 1])
  })

  test('law 7: on one instance, without limit', async () => {
    const simulated = simulate({ retry: false })
    for (let i = 0; i < 50; i++) {
      if (i > 0) simulated.socket.connect()
      await settled()
      simulated.said()
      simulated.link.open()
      simulated.link.end(1001)
      expect(simulated.said()).toEqual([
        'connecting→open',
        'open 0',
        'open→closed',
        'close 1001 by peer, final',
      ])
      expect(owned(simulated)).toEqual(nothing)
    }
    expect(simulated.platform.links.length).toBe(50)
  })
})

describe('reconnect()', () => {
  const said: Record<Place, string[]> = {
    idle: ['idle→connecting'],
    preparing: [],
    dialing: [],
    greeting: [],
    waiting: [],
    'deciding after a dial': [refused],
    'deciding after a connection': ['close 1001 by peer, retries'],
    open: ['open→closing'],
    closing: [],
    'closing to dial again': [],
    'closing to start anew': [],
    closed: ['closed→connecting'],
  }

  test.each(places)('in %s', async (place) => {
    const simulated = await reach(place)
    const { socket, platform, clock } = simulated
    const before = platform.links.length
    socket.reconnect()
    expect(simulated.said()).toEqual(said[place])
    if (socket.state === 'closing') simulated.link.end(1000)
    await clock.advance(0)
    // a URL that never comes is asked for anew
    if (place === 'preparing') expect(socket.snapshot.phase).toBe('preparing')
    else expect([platform.links.length, platform.live.length]).toEqual([before + 1, 1])
  })

  test('while open closes with what it is given, and dials at once', async () => {
    const { socket, said, link, clock, platform } = await open({ retry: { backoff: () => 60_000 } })
    socket.reconnect(3_000, 'rotate')
    expect(link.closes).toEqual([[3_000, 'rotate']])
    link.end(3_000, 'rotate')
    expect(said()).toEqual(['open→closing', 'closing→connecting', 'close 3000 by user, retries'])
    await clock.advance(0)
    platform.link.open()
    expect(said()).toEqual(['connecting→open', 'open 0 again'])
    expect([link.drops, platform.live.length]).toEqual([1, 1])
  })

  test.each(['closing', 'closing to start anew', 'closing to dial again'] as const)(
    'while %s leaves a silent peer after 200 ms, and no later if called again',
    async (place) => {
      const { socket, platform, clock, said } = await reach(place, { closeTimeout: 60_000 })
      socket.reconnect()
      await clock.advance(150)
      socket.reconnect()
      await clock.advance(49)
      expect([socket.state, platform.links.length]).toEqual(['closing', 1])
      await clock.advance(1)
      expect([platform.links.length, platform.live.length]).toEqual([2, 1])
      platform.link.open()
      const again =
        place === 'closing to dial again' ? ['closing→connecting'] : ['closing→closed', 'closed→connecting']
      expect(said().filter((event) => event.includes('→'))).toEqual([...again, 'connecting→open'])
    },
  )

  test('while closing leaves at once a peer that has a ping to answer', async () => {
    const { socket, platform, clock } = await open({ closeTimeout: 60_000 })
    platform.hint('probe')
    socket.close()
    socket.reconnect()
    await clock.advance(0)
    expect([platform.links.length, platform.live.length]).toEqual([2, 1])
  })

  test('while closing sends again what the connection it leaves still held', async () => {
    const { socket, platform, clock, link } = await open({ closeTimeout: 60_000, heartbeat: false })
    link.network = 'held'
    socket.send('a')
    socket.close()
    socket.reconnect()
    await clock.advance(200)
    platform.link.open()
    expect([link.sent, platform.link.sent, socket.outbox.size]).toEqual([[], ['a'], 0])
  })

  test('while waiting keeps the count of retries', async () => {
    const { socket, clock, platform } = await reach('waiting')
    socket.reconnect()
    await clock.advance(0)
    expect(socket.snapshot).toMatchObject({ phase: 'dialing', attempt: 1 })
    platform.link.open()
    expect(socket.snapshot.attempt).toBe(1)
  })

  test('checks its arguments, and then the signal, before anything happens', async () => {
    const { socket, said } = await open()
    expect(() => socket.reconnect(1001)).toThrow(InvalidArgumentError)
    expect(() => socket.reconnect(1000, 'x'.repeat(124))).toThrow(/reason/)
    expect(() => socket.reconnect(undefined, 'x')).toThrow(/reason/)
    expect(said()).toEqual([])
  })
})

describe('close()', () => {
  const said: Record<Place, string[]> = {
    idle: ['idle→closed'],
    preparing: ['connecting→closed'],
    dialing: ['connecting→closed'],
    greeting: ['connecting→closed'],
    waiting: ['connecting→closed'],
    'deciding after a dial': ['connecting→closed', refused],
    'deciding after a connection': ['connecting→closed', 'close 1001 by peer, final'],
    open: ['open→closing'],
    closing: [],
    'closing to dial again': [],
    'closing to start anew': [],
    closed: [],
  }

  test.each(places)('in %s', async (place) => {
    const simulated = await reach(place)
    simulated.socket.close()
    expect(simulated.said()).toEqual(said[place])
    expect(simulated.socket.state).toMatch(
      place === 'open' || place.startsWith('closing') ? 'closing' : 'closed',
    )
  })

  test.each(places)(
    'law 5, law 6: in %s reaches closed within closeTimeout, once, and nothing is left',
    async (place) => {
      const simulated = await reach(place)
      const { socket, clock } = simulated
      let resolved = 0
      void socket.closed.then(() => resolved++)
      socket.close()
      await clock.advance(5_000)
      expect([socket.state, resolved, socket.snapshot.lastEnd?.by]).toEqual(['closed', 1, 'user'])
      expect(owned(simulated)).toEqual(nothing)
      simulated.said()
      // no dial, no event, however long it takes
      const dialed = simulated.platform.links.length
      await clock.advance(3_600_000)
      expect([simulated.said(), simulated.platform.links.length]).toEqual([[], dialed])
    },
  )

  test('tells how the handshake went', async () => {
    const { socket, link, said } = await open()
    socket.close(4_000, 'bye')
    expect(link.closes).toEqual([[4_000, 'bye']])
    link.end(4_000, 'bye')
    const end = { by: 'user', code: 4_000, reason: 'bye', wasClean: true }
    expect(await socket.closed).toEqual(end)
    expect(socket.snapshot.lastEnd).toEqual(end)
    expect(said()).toEqual(['open→closing', 'closing→closed', 'close 4000 by user, final'])
  })

  test('to a silent peer: the error says so', async () => {
    const { socket, clock, said } = await open({ closeTimeout: 100 })
    socket.close()
    await clock.advance(100)
    expect(said()).toEqual(['open→closing', 'closing→closed', 'close 1006 by user, final'])
    expect(await socket.closed).toMatchObject({ by: 'user', cause: { code: 'ERR_CLOSE_TIMEOUT' } })
  })

  test('takes connect() and reconnect() back', async () => {
    for (const place of ['closing to dial again', 'closing to start anew'] as const) {
      const { socket, link, said } = await reach(place)
      socket.close()
      link.end(1000)
      expect(said()).toEqual(['closing→closed', 'close 1000 by user, final'])
    }
  })

  test('checks its arguments first', async () => {
    const { socket, said } = await open()
    for (const [code, reason] of [[1001], [2_999], [1000, '€'.repeat(42)], [undefined, 'x']] as const)
      expect(() => socket.close(code, reason)).toThrow(InvalidArgumentError)
    expect(said()).toEqual([])
  })
})

describe('terminate()', () => {
  const ended = 'close 1006 by user, final'
  const said: Record<Place, string[]> = {
    idle: ['idle→closed'],
    preparing: ['connecting→closed'],
    dialing: ['connecting→closed'],
    greeting: ['connecting→closed'],
    waiting: ['connecting→closed'],
    'deciding after a dial': ['connecting→closed', refused],
    'deciding after a connection': ['connecting→closed', 'close 1001 by peer, final'],
    open: ['open→closed', ended],
    closing: ['closing→closed', ended],
    'closing to dial again': ['closing→closed', ended],
    'closing to start anew': ['closing→closed', ended],
    closed: [],
  }

  test.each(places)('in %s ends it at once, and nothing is left', async (place) => {
    const simulated = await reach(place)
    simulated.socket.terminate()
    expect(simulated.said()).toEqual(said[place])
    expect(owned(simulated)).toEqual(nothing)
    expect(await simulated.socket.closed).toMatchObject({ by: 'user', code: 1006, wasClean: false })
  })
})

describe('send()', () => {
  test.each(places)('in %s', async (place) => {
    const { socket, platform } = await reach(place)
    const open = place === 'open'
    expect(socket.send('a')).toBe(open ? 'sent' : 'queued')
    expect(socket.outbox.list()).toEqual(open ? [] : ['a'])
    expect(socket.send('b', { volatile: true })).toBe(open ? 'sent' : 'dropped')
    if (open) expect(platform.link.sent).toEqual(['a', 'b'])
    expect(() => socket.send(5 as unknown as string)).toThrow(InvalidArgumentError)
    expect(() => socket.send('c', { maxAge: -1 })).toThrow(/maxAge/)
    expect(() => socket.send('c', null as never)).toThrow(InvalidArgumentError)
    expect(socket.outbox.list()).toEqual(open ? [] : ['a'])
  })

  test('with options that are undefined', async () => {
    const { socket } = await open()
    expect(socket.send(Uint8Array.of(1), undefined)).toBe('sent')
  })

  test('what waits is kept through closed, for the next run', async () => {
    const { socket, clock, platform } = await reach('closed')
    socket.send('a')
    socket.connect()
    await clock.advance(0)
    platform.link.open()
    expect([platform.link.sent, socket.outbox.size]).toEqual([['a'], 0])
  })
})
