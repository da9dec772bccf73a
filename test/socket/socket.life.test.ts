/** The public face: from the constructor to the end. */
import { describe, expect, test, vi } from 'vitest'
import { ClosedError } from '../../src/diagnostics/errors.js'
import { ReconnectingSocket } from '../../src/socket/socket.js'
import { settled } from '../sim/clock.js'
import { SimPlatform } from '../sim/platform.js'
import { open, simulate, URL_A } from '../sim/socket.js'
import { nothing, owned, places, reach } from '../sim/states.js'
import { nothingUnhandled } from '../sim/unhandled.js'

nothingUnhandled()

describe('the constructor', () => {
  test('tells nothing and dials nothing before it returns', async () => {
    const { socket, said, platform } = simulate()
    expect([socket.state, platform.links.length]).toEqual(['connecting', 0])
    await settled()
    expect([said(), platform.links.length]).toEqual([[], 1])
  })

  test('autoConnect: false owns nothing', () => {
    const simulated = simulate({ autoConnect: false })
    expect([simulated.socket.state, owned(simulated)]).toEqual(['idle', nothing])
  })

  test('uses the platform’s own unless it is given one', () => {
    const socket = new ReconnectingSocket(URL_A, { autoConnect: false })
    expect(socket.state).toBe('idle')
  })
})

describe('an AbortSignal', () => {
  test.each(places)('aborted in %s is close()', async (place) => {
    const controller = new AbortController()
    const simulated = await reach(place, { signal: controller.signal })
    controller.abort()
    await simulated.clock.advance(5_000)
    // it is heard from the first connect() on
    expect([simulated.socket.state, owned(simulated)]).toEqual([
      place === 'idle' ? 'idle' : 'closed',
      nothing,
    ])
    expect(simulated.socket.snapshot.lastEnd?.by).toBe(place === 'idle' ? undefined : 'user')
  })

  test('aborted behind a connect() that waits its turn: nothing is dialed', async () => {
    const controller = new AbortController()
    const { socket, platform, link } = await open({ signal: controller.signal, retry: false })
    socket.on('close', () => {
      socket.connect()
      controller.abort()
    })
    link.end(1001)
    await settled()
    expect([socket.state, platform.links.length]).toEqual(['closed', 1])
  })

  test('that is aborted already: closed, without autoConnect too', async () => {
    const { socket, platform } = simulate({ signal: AbortSignal.abort(), autoConnect: false })
    expect(socket.state).toBe('closed')
    await socket.closed
    expect(platform.links).toEqual([])
  })

  test('that is aborted already: closed, and nothing dialed', async () => {
    const { socket, platform, said } = simulate({ signal: AbortSignal.abort() })
    await settled()
    expect([socket.state, platform.links, said()]).toEqual(['closed', [], []])
    expect(await socket.closed).toMatchObject({ by: 'user' })
  })

  test('afterwards connect() and reconnect() refuse, by name; the rest works', async () => {
    const { socket } = simulate({ signal: AbortSignal.abort() })
    for (const method of ['connect', 'reconnect'] as const)
      expect(() => socket[method]()).toThrow('signal is aborted; make a new socket instead')
    expect(() => {
      socket.close()
      socket.terminate()
    }).not.toThrow()
  })

  test('is listened to only while the socket runs', async () => {
    const { signal } = new AbortController()
    const counts: string[] = []
    vi.spyOn(signal, 'addEventListener').mockImplementation(() => void counts.push('+'))
    vi.spyOn(signal, 'removeEventListener').mockImplementation(() => void counts.push('-'))
    const { socket } = simulate({ signal, autoConnect: false })
    expect(counts).toEqual([])
    socket.connect()
    socket.close()
    socket.connect()
    socket.terminate()
    expect(counts).toEqual(['+', '-', '+', '-'])
  })
})

describe('opened and closed', () => {
  const settledAs = (promise: Promise<unknown>): Promise<unknown> =>
    Promise.race([
      promise.then(
        () => 'resolved',
        () => 'rejected',
      ),
      settled().then(() => 'pending'),
    ])

  test.each(places)('in %s', async (place) => {
    const { socket } = await reach(place)
    const opened = socket.opened
    const closed = socket.closed
    expect(await settledAs(opened)).toBe(
      place === 'open' ? 'resolved' : place === 'closed' ? 'rejected' : 'pending',
    )
    expect(await settledAs(closed)).toBe(place === 'closed' ? 'resolved' : 'pending')
    socket.terminate()
    expect(await settledAs(opened)).toBe(place === 'open' ? 'resolved' : 'rejected')
    expect(await settledAs(closed)).toBe('resolved')
    if (place !== 'open') await expect(opened).rejects.toBeInstanceOf(ClosedError)
  })

  test('opened that is kept and awaited by nobody ends no process', async () => {
    const { socket } = await reach('dialing')
    const kept = [socket.opened]
    socket.close()
    kept.push(socket.opened)
    await settled()
    // nothingUnhandled() has seen nothing; and whoever does ask is told
    for (const ready of kept) await expect(ready).rejects.toBeInstanceOf(ClosedError)
  })

  test('opened is the detail of the event, also after failures', async () => {
    const { socket, clock, platform, link } = await reach('waiting')
    const { opened } = socket
    await clock.advance(1_000)
    platform.link.open()
    expect(await opened).toEqual({ attempt: 1, reconnected: false })
    expect(link.drops).toBe(1)
  })

  test('come after the events', async () => {
    const { socket, link, said } = await open()
    const order: string[] = []
    void socket.closed.then(() => order.push(...said(), 'closed'))
    socket.close()
    link.end()
    await settled()
    expect(order).toEqual(['open→closing', 'closing→closed', 'close 1000 by user, final', 'closed'])
  })

  test('within a listener, opened is that of the run to come', async () => {
    const { socket, link, clock, platform } = await open({ retry: false })
    let opened: Promise<unknown> | undefined
    socket.on('close', () => {
      socket.connect()
      opened = socket.opened
    })
    link.end()
    await clock.advance(0)
    platform.link.open()
    expect(await opened).toEqual({ attempt: 0, reconnected: false })
  })

  test('within a listener, where no run is to come, opened rejects', async () => {
    const { socket, link } = await open({ retry: false })
    let opened: Promise<unknown> | undefined
    socket.on('close', () => (opened = socket.opened))
    link.end()
    await expect(opened).rejects.toBeInstanceOf(ClosedError)
  })
})

describe('disposal', () => {
  test('Symbol.dispose is close()', async () => {
    const { socket, link } = await open()
    socket[Symbol.dispose]()
    expect([socket.state, link.closes]).toEqual(['closing', [[undefined, undefined]]])
  })

  test('Symbol.asyncDispose waits until it is done', async () => {
    const { socket, link } = await open()
    const order: string[] = []
    const disposed = socket[Symbol.asyncDispose]().then(() => order.push('disposed'))
    await settled()
    order.push('the peer answers')
    link.end()
    await disposed
    expect([order, socket.state]).toEqual([['the peer answers', 'disposed'], 'closed'])
  })

  test('an engine without these symbols has them by the names that lowered `using` looks for', async () => {
    const {
      dispose: _,
      asyncDispose: __,
      ...statics
    } = Object.getOwnPropertyDescriptors(Symbol) as Record<string, PropertyDescriptor>
    const Native = Symbol
    const Old = Object.defineProperties((name?: string) => Native(name), {
      ...statics,
      prototype: { value: Symbol.prototype },
    })
    vi.resetModules()
    vi.stubGlobal('Symbol', Old)
    const { ReconnectingSocket } = await import('../../src/socket/socket.js')
    vi.unstubAllGlobals()
    // what was loaded without them is not for the tests after this one
    vi.resetModules()
    const old = (): Record<symbol, () => unknown> & ReconnectingSocket =>
      new (ReconnectingSocket as unknown as new (...args: unknown[]) => never)(URL_A, {}, new SimPlatform())
    const one = old()
    one[Symbol.for('Symbol.dispose')]!()
    expect(one.state).toBe('closed')
    const other = old()
    await other[Symbol.for('Symbol.asyncDispose')]!()
    expect(other.state).toBe('closed')
  })
})

describe('asked for within a listener', () => {
  test.each(['message', 'drop'] as const)('of %s, opened is the present connection', async (type) => {
    const { socket, link } = await open()
    const asked = new Promise<unknown>((resolve) => socket.on(type, () => resolve(socket.opened)))
    link.message('a')
    link.ready = false
    socket.send('late', { volatile: true })
    expect(await asked).toEqual({ attempt: 0, reconnected: false })
  })

  test('of close, after connect(): opened, closed and the iteration are of the run to come', async () => {
    const { socket, platform, link } = await open({ retry: false })
    const undo = socket.on('close', () => {
      undo()
      socket.connect()
      asked = { opened: socket.opened, closed: socket.closed, messages: socket[Symbol.asyncIterator]() }
    })
    let asked:
      { opened: Promise<unknown>; closed: Promise<unknown>; messages: AsyncIterator<unknown> } | undefined
    link.end(1001)
    await settled()
    platform.link.open()
    expect(await asked!.opened).toEqual({ attempt: 0, reconnected: false })
    platform.link.message('a')
    expect(await asked!.messages.next()).toEqual({ done: false, value: 'a' })
    platform.link.end(4002)
    expect(await asked!.closed).toMatchObject({ code: 4002 })
    expect(await asked!.messages.next()).toEqual({ done: true, value: undefined })
  })

  test('of close, without connect(): closed is the end that is told, and the iteration is over', async () => {
    const { socket, link } = await open({ retry: false })
    const asked = new Promise<{ closed: Promise<unknown>; messages: AsyncIterator<unknown> }>((resolve) =>
      socket.on('close', () => resolve({ closed: socket.closed, messages: socket[Symbol.asyncIterator]() })),
    )
    link.end(4001)
    const { closed, messages } = await asked
    expect(await closed).toMatchObject({ code: 4001 })
    expect(await messages.next()).toEqual({ done: true, value: undefined })
  })
})
