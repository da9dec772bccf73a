/** The stateful shell: run to completion, order, the count of retries, the snapshot. */
import { describe, expect, test } from 'vitest'
import type { Options } from '../../src/index.js'
import { settled } from '../sim/clock.js'
import { open, simulate, URL_A } from '../sim/socket.js'
import { places, reach } from '../sim/states.js'
import type { SendOptions } from '../../src/delivery/sender.js'

const soon: Options = { retry: { backoff: () => 1_000 } }

describe('run to completion', () => {
  test('a listener finds the new state; state comes before open, error and close', async () => {
    const { socket, clock, platform } = simulate(soon)
    const seen: string[] = []
    socket.on('*', (type) => seen.push(`${type} in ${socket.state}`))
    await settled()
    platform.link.fail()
    await clock.advance(1_000)
    platform.link.open()
    platform.link.end()
    socket.close()
    expect(seen).toEqual([
      'error in connecting',
      'state in open',
      'open in open',
      'state in connecting',
      'close in connecting',
      'state in closed',
    ])
  })

  test('what a listener sets off comes after all listeners of its event', async () => {
    const { socket, link, said } = await open()
    socket.on('message', () => socket.close())
    socket.on('message', (data) => {
      expect(socket.state).toBe('open')
      expect(socket.send(`echo ${String(data)}`)).toBe('sent')
    })
    link.message('a')
    expect([said(), link.sent]).toEqual([['message a', 'open→closing'], ['echo a']])
  })

  test('connect() in the close listener: again and again, on a flat stack', async () => {
    const { socket, platform } = simulate({ retry: false })
    const depths = new Set<number>()
    let closes = 0
    socket.on('close', () => {
      depths.add(new Error().stack!.split('\n').length)
      if (++closes < 200) socket.connect()
    })
    platform.dialed = (link) => {
      link.open()
      link.end()
    }
    for (let i = 0; i < 200; i++) await settled()
    expect([closes, platform.links.length, depths.size]).toEqual([200, 200, 1])
  })

  test('nested messages come one after the other', async () => {
    const { socket, link, said } = await open()
    socket.on('message', (data) => data === 'a' && link.message('b'))
    link.message('a')
    expect(said()).toEqual(['message a', 'message b'])
  })
})

describe('what only some platforms report', () => {
  const data = new Uint8Array([1])

  test('is told, in order with the rest', async () => {
    const { socket, link } = await open()
    const told: unknown[] = []
    const on = socket.on.bind(socket) as (type: string, listener: (detail: unknown) => void) => void
    for (const type of ['ping', 'pong']) on(type, (detail) => told.push([type, detail, socket.state]))
    socket.on('message', () => {
      link.listener.onReport('ping', data)
      told.push('the listener is done')
    })
    link.message('a')
    link.listener.onReport('pong', data)
    expect(told).toEqual(['the listener is done', ['ping', data, 'open'], ['pong', data, 'open']])
  })

  test('is not told of an attempt that has been abandoned meanwhile', async () => {
    for (const call of ['terminate', 'reconnect'] as const) {
      const { socket, link, clock } = await open({ closeTimeout: 1 })
      const told: unknown[] = []
      ;(socket.on as (type: string, listener: (detail: unknown) => void) => void)('ping', () =>
        told.push(call),
      )
      socket.on('message', () => {
        socket[call]()
        link.end()
        link.listener.onReport('ping', data)
      })
      link.message('a')
      link.listener.onReport('ping', data)
      await clock.advance(1)
      expect(told).toEqual([])
    }
  })
})

describe('the end of an abandoned attempt', () => {
  test('is not that of the new one that it comes behind', async () => {
    const { socket, link, said } = await open()
    said()
    const undo = socket.on('message', () => {
      undo()
      socket.terminate()
      socket.connect()
      link.end(1001)
    })
    link.message('a')
    await settled()
    expect(said()).toEqual(['message a', 'open→closed', 'close 1006 by user, final', 'closed→connecting'])
    expect(socket.snapshot.phase).toBe('dialing')
  })
})

describe('FIFO', () => {
  test('what the open listener sends goes behind what waits', async () => {
    const { socket, link, platform } = await reach('dialing')
    for (const data of ['a', 'b']) socket.send(data)
    socket.on('open', () => expect(socket.send('c')).toBe('queued'))
    link.open()
    expect(platform.link.sent).toEqual(['a', 'b', 'c'])
    expect(socket.send('d')).toBe('sent')
  })

  test('what a message listener sends while an answer is awaited waits, and goes in order', async () => {
    const { socket, link, platform } = await open()
    platform.hint('probe')
    expect([socket.send('a'), socket.send('b')]).toEqual(['queued', 'queued'])
    link.pong()
    expect(link.sent).toEqual(['a', 'b'])
  })

  test('a platform that is full gets the rest when it has room', async () => {
    const { socket, clock, platform } = simulate({ ...soon, outbox: { highWaterMark: 2 } })
    for (const data of ['a', 'b', 'c', 'd']) socket.send(data)
    await settled()
    platform.link.network = 'held'
    platform.link.open()
    expect(socket.outbox.list()).toEqual(['c', 'd'])
    platform.link.transmit(1)
    expect(socket.outbox.list()).toEqual(['d'])
    platform.link.network = 'free'
    platform.link.transmit()
    await clock.advance(20)
    expect([platform.link.sent, socket.outbox.size]).toEqual([['a', 'b', 'c', 'd'], 0])
  })

  test('room that comes while it is closing is not used: what waits stays', async () => {
    const { socket, link } = await reach('dialing', { outbox: { highWaterMark: 1 } })
    for (const data of ['a', 'b']) socket.send(data)
    link.network = 'held'
    link.open()
    socket.close()
    link.transmit()
    expect([link.sent, socket.outbox.list()]).toEqual([['a'], ['b']])
  })

  test('what was not transmitted goes first to the next connection', async () => {
    const { socket, clock, platform, link } = await open(soon)
    link.network = 'held'
    socket.send('a')
    socket.send('b')
    link.transmit(1)
    link.fail()
    socket.send('c')
    await clock.advance(1_000)
    platform.link.open()
    expect([link.sent, platform.link.sent]).toEqual([['a'], ['b', 'c']])
  })
})

describe('the count of retries', () => {
  test.each([
    [4_999, 1],
    [5_000, 0],
  ])('after %i ms open, the next success is attempt %i + 1', async (lived, kept) => {
    const { clock, said, platform } = await reach('waiting')
    await clock.advance(1_000)
    platform.link.open()
    await clock.advance(lived)
    platform.link.end()
    await clock.advance(1_000)
    said()
    platform.link.open()
    expect(said()).toEqual(['connecting→open', `open ${kept + 1} again`])
  })

  test('the time in which one was open that is not is no outage either', async () => {
    const { clock, socket, platform } = await open({ retry: { maxElapsed: 2_000, backoff: () => 1_000 } })
    await clock.advance(2_500)
    platform.link.end()
    await clock.advance(1_000)
    platform.link.open()
    await clock.advance(2_500)
    platform.link.end()
    expect(socket.snapshot.phase).toBe('waiting')
    await clock.advance(1_000)
    platform.link.fail()
    expect((await socket.closed).cause).toMatchObject({ code: 'ERR_RETRY_LIMIT' })
  })

  test('is judged by time, not by a timer: sleep counts', async () => {
    const { clock, socket, link } = await open(soon)
    clock.sleep(5_000)
    link.end()
    expect(socket.snapshot.attempt).toBe(1)
  })

  test('reconnect() of a stable connection resets it too', async () => {
    const { clock, socket, platform } = await reach('waiting')
    await clock.advance(1_000)
    platform.link.open()
    await clock.advance(5_000)
    socket.reconnect()
    platform.link.end()
    await clock.advance(0)
    expect(socket.snapshot).toMatchObject({ phase: 'dialing', attempt: 0 })
  })
})

describe('the snapshot', () => {
  test('of each phase', async () => {
    const { socket, clock, platform } = simulate(soon, `${URL_A}x?token=secret`)
    const seen: unknown[] = []
    const look = (): void => {
      const { phase, attempt, endpoint, nextDialAt, lastEnd } = socket.snapshot
      seen.push([
        phase ?? socket.state,
        attempt,
        endpoint,
        nextDialAt && nextDialAt - clock.date(),
        lastEnd?.code,
      ])
    }
    look()
    socket.subscribe(look)
    await settled()
    platform.link.fail()
    await clock.advance(1_000)
    platform.link.open()
    platform.link.end(1001)
    socket.close()
    const endpoint = `${URL_A}x`
    expect(seen).toEqual([
      ['preparing', 0, undefined, undefined, undefined],
      ['dialing', 0, endpoint, undefined, undefined],
      ['waiting', 1, endpoint, 1_000, 1006],
      ['preparing', 1, endpoint, undefined, 1006],
      ['dialing', 1, endpoint, undefined, 1006],
      ['open', 1, endpoint, undefined, 1006],
      ['waiting', 2, endpoint, 1_000, 1001],
      ['closed', 0, endpoint, undefined, 1006],
    ])
  })

  test.each(places)('in %s is frozen, and the same object until something changes', async (place) => {
    const { socket } = await reach(place)
    const { snapshot } = socket
    expect([Object.isFrozen(snapshot), snapshot.state]).toEqual([true, socket.state])
    expect(socket.snapshot).toBe(snapshot)
    // what goes out at once changes nothing
    const sent = socket.send('x')
    expect(socket.snapshot === snapshot).toBe(sent === 'sent')
  })

  test('after reconnect() has the end that the user asked for', async () => {
    const { socket, link } = await open()
    socket.reconnect()
    link.end(1000, 'gone')
    expect(socket.snapshot).toMatchObject({
      phase: 'preparing',
      lastEnd: { by: 'user', code: 1000, reason: 'gone', wasClean: true },
    })
  })

  test('of a new run knows nothing of the last end, even for one who looks from within the log', async () => {
    let look = (): void => {}
    const { socket, link } = await open({ retry: false, log: () => look() })
    link.end(1001)
    expect(socket.snapshot.lastEnd?.code).toBe(1001)
    look = () => void socket.snapshot
    socket.connect()
    expect(socket.snapshot).toMatchObject({ state: 'connecting', lastEnd: undefined })
  })
})

test('send() takes options of undefined as none', async () => {
  const { socket } = simulate({ autoConnect: false })
  const options: SendOptions = { maxAge: undefined, volatile: undefined }
  expect(socket.send('a', options)).toBe('queued')
})
