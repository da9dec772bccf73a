/** Sessions over real sockets, with the store in memory. */
import type { IncomingMessage } from 'node:http'
import { describe, expect, test, vi } from 'vitest'
import {
  type Session,
  type SessionServer,
  SessionFullError,
  SessionGoneError,
  SessionTakenError,
} from '../../src/server/index.js'
import { memoryStore } from '../../src/server/memory.js'
import { SimClock } from '../sim/clock.js'
import { next, startClient, startNode } from './harness.js'
import { RawPeer } from './raw.js'

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i + 1))
const ended = (session: Session): Promise<{ reason: string }> =>
  next((listener) => session.on('ended', listener))

describe('delivery', () => {
  test('messages go both ways, in order, over connections that are cut', async () => {
    const { url, sessions } = await startNode()
    const given: string[] = []
    sessions.on('session', (session) => {
      session.on('message', async (data, { number }) => {
        expect(number).toBe(given.length + 1)
        given.push(data as string)
        if (number % 7 === 0) await new Promise(setImmediate)
        void session.send(`re: ${data as string}`)
      })
    })
    const client = startClient(url)
    for (let n = 1; n <= 500; n++) {
      client.send(String(n))
      if (n % 50 === 0) {
        await client.until(({ received }) => received.length >= n - 20)
        client.cut()
        await client.until(({ closes }) => closes.length === n / 50)
        await client.live()
      }
    }
    await client.until(({ received, acked }) => received.length === 500 && acked === 500)
    expect(given).toEqual(numbers(500))
    expect(client.received).toEqual(numbers(500).map((n) => `re: ${n}`))
    expect(client.resumed).toBe(10)
    expect(client.problems).toEqual([])
    expect(sessions.stats).toMatchObject({ sessions: 1, attached: 1, opened: 1, resumed: 10, received: 500 })
  })

  test('messages arrive as they are: bytes, nothing, and what looks like control', async () => {
    const { url, sessions } = await startNode()
    sessions.on('session', (session) => session.on('message', (data) => void session.send(data)))
    const client = startClient(url)
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    const all = ['', '\u0001h{}', '\u0001\u0001', 'grüße 🌍', bytes, Buffer.alloc(0), 'x'.repeat(100_000)]
    for (const data of all) client.send(data)
    await client.until(({ received }) => received.length === all.length)
    expect(client.received).toEqual(all)
  })

  test('what is sent is the server’s: a buffer may be used again', async () => {
    const { url, sessions } = await startNode()
    sessions.on('session', (session) => {
      const buffer = Uint8Array.of(1, 2, 3)
      void session.send(buffer.subarray(1))
      void session.send(buffer.buffer)
      buffer.fill(0)
    })
    const client = startClient(url)
    await client.until(({ received }) => received.length === 2)
    expect(client.received).toEqual([Buffer.of(2, 3), Buffer.of(1, 2, 3)])
  })

  test('a message is acknowledged when its handler is done, and the next is given then', async () => {
    const { url, sessions } = await startNode()
    const finish: (() => void)[] = []
    sessions.on('session', (session) =>
      session.on('message', () => new Promise<void>((resolve) => finish.push(resolve))),
    )
    const client = startClient(url)
    for (const data of numbers(3)) client.send(data)
    const until = (count: number): Promise<void> =>
      new Promise((resolve) => {
        const look = (): unknown => (finish.length === count ? resolve() : setImmediate(look))
        look()
      })
    await until(1)
    client.cut()
    await client.until(({ resumed }) => resumed === 1)
    // it came again on the new connection, and is still in the handler's hands
    expect([client.acked, finish.length]).toEqual([0, 1])
    finish[0]!()
    await client.until(({ acked }) => acked === 1)
    await until(2)
    finish[1]!()
    await until(3)
    finish[2]!()
    await client.until(({ acked }) => acked === 3)
  })

  test('without a handler messages wait; with several, all have to be done', async () => {
    const { url, sessions } = await startNode()
    const client = startClient(url)
    const session = await next<Session>((listener) => sessions.on('session', listener))
    client.send('one')
    const given: string[] = []
    const undo = session.on('message', (data) => void given.push(`a ${data as string}`))
    session.on('message', async (data) => {
      await new Promise(setImmediate)
      given.push(`b ${data as string}`)
    })
    await client.until(({ acked }) => acked === 1)
    undo()
    undo()
    client.send('two')
    await client.until(({ acked }) => acked === 2)
    expect(given).toEqual(['a one', 'b one', 'b two'])
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('the message of a handler that %s is given again, with the same number', async (_, fail) => {
    const { url, sessions, errors, seen } = await startNode()
    const given: [unknown, number][] = []
    sessions.on('session', (session) =>
      session.on('message', (data, { number }) => {
        given.push([data, number])
        return given.length === 2 ? fail() : undefined
      }),
    )
    const client = startClient(url)
    for (const data of numbers(3)) client.send(data)
    await client.until(({ acked }) => acked === 3)
    expect(given).toEqual([
      ['1', 1],
      ['2', 2],
      ['2', 2],
      ['3', 3],
    ])
    expect(client.closes).toEqual([1011])
    expect(errors).toEqual([new Error('no')])
    expect(seen.map(({ state }) => state)).toEqual(['ended', 'attached'])
    expect(sessions.stats).toMatchObject({ sessions: 1, ended: { failed: 1 } })
  })

  test('a client that is slow is sent no more than the window', async () => {
    const { url, sessions } = await startNode({ window: 1_024 })
    const client = startClient(url)
    client.taking = 'never'
    const session = await next<Session>((listener) => sessions.on('session', listener))
    const sent = Array.from({ length: 2_000 }, () => session.send('x'.repeat(100)))
    expect((await Promise.all(sent)).at(-1)).toBe(2_000)
    await client.until(({ received }) => received.length === 11)
    client.cut()
    await client.until(({ resumed }) => resumed === 1)
    expect(session.held).toBe(2_000)
    expect(sessions.stats).toMatchObject({ held: 2_000, sent: 22 })
    expect(sessions.stats.oldestHeld).toBeGreaterThan(0)
  })

  test('what a session holds is bounded, and who sends more is told', async () => {
    const { url, sessions } = await startNode({ maxHeldMessages: 3, maxHeldBytes: 10 })
    const client = startClient(url)
    const session = await next<Session>((listener) => sessions.on('session', listener))
    await client.live()
    client.taking = 'never'
    const outcomes = await Promise.allSettled(['1', '2', '3', '4'].map((data) => session.send(data)))
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected'])
    await expect(session.send('5')).rejects.toThrow(SessionFullError)
    await expect(session.send('x'.repeat(11))).rejects.toThrow(SessionFullError)
    await expect(sessions.get(session.id).send('6')).rejects.toMatchObject({ code: 'ERR_SESSION_FULL' })
    await client.until(({ received }) => received.length === 3)
  })

  test('the client’s acknowledgements are told', async () => {
    const { url, sessions } = await startNode()
    startClient(url)
    const session = await next<Session>((listener) => sessions.on('session', listener))
    const delivered = next<number>((listener) => session.on('delivered', listener))
    const [, last] = await Promise.all([session.send('one'), session.send('two')])
    expect(await delivered).toBe(last)
    expect([session.held, session.oldestHeld]).toEqual([0, 0])
  })

  test('more than fits at hand comes from the store', async () => {
    const store = memoryStore()
    const { url, sessions } = await startNode({ store })
    const client = startClient(url)
    const session = await next<Session>((listener) => sessions.on('session', listener))
    await client.live()
    client.cut()
    await next((listener) => session.on('detached', listener))
    for (const data of numbers(5_000)) void session.send(data)
    await client.until(({ received }) => received.length === 5_000)
    expect(client.received).toEqual(numbers(5_000))
  })

  test('a crowd of messages that weigh nothing is not read any further', async () => {
    const { port, sessions, wss } = await startNode()
    const told = next<Session>((listener) => sessions.on('session', listener))
    const first = new RawPeer(port).control('h', {})
    const { id, token } = await first.welcome()
    const session = await told
    let open!: () => void
    const gate = new Promise<void>((resolve) => (open = resolve))
    let count = 0
    session.on('message', () => (count++, gate))
    for (let i = 0; i < 5_000; i++) first.text('')
    const paused = (): boolean => [...wss.clients].some(({ isPaused }) => isPaused)
    while (!paused()) await new Promise(setImmediate)
    first.destroy()
    const second = new RawPeer(port).control('h', { id, token, received: 0, first: 1 })
    await second.welcome()
    expect(paused()).toBe(true)
    open()
    for (let i = 0; i <= 5_000; i++) second.text('')
    await second.until(({ texts }) => texts.includes('\u0001a5001'))
    expect(count).toBe(5_001)
  })

  test('a handler may wait for what its client acknowledges, however many messages wait behind it', async () => {
    const { url, sessions } = await startNode()
    const client = startClient(url)
    const session = await next<Session>((listener) => sessions.on('session', listener))
    let count = 0
    session.on('message', async () => {
      if (count++ > 0) return
      const delivered = next((listener) => session.on('delivered', listener))
      await session.send('an answer')
      await delivered
    })
    for (let i = 0; i < 10_000; i++) client.send('')
    await client.until(({ acked }) => acked === 10_000)
    expect(count).toBe(10_000)
    expect(client.connections).toBe(1)
  })

  test('one that is not read, because nobody takes its messages, is over all the same when its client is gone', async () => {
    const { port, sessions, wss } = await startNode({ heartbeat: 20 })
    const told = next<Session>((listener) => sessions.on('session', listener))
    const peer = new RawPeer(port).control('h', {})
    const session = await told
    const gone = next((listener) => session.on('detached', listener))
    for (let i = 0; i < 20_000; i++) peer.text('x')
    while (![...wss.clients].some(({ isPaused }) => isPaused)) await new Promise(setImmediate)
    peer.destroy()
    await gone
    expect(session.state).toBe('detached')
  })
})

describe('servers that share a store', () => {
  test('a client may go from one to the other at any time: nothing is lost, nothing given twice', async () => {
    const store = memoryStore()
    const given: string[] = []
    const nodes = [await startNode({ store }), await startNode({ store }), await startNode({ store })]
    for (const { sessions } of nodes)
      sessions.on('session', (session) =>
        session.on('message', (data) => {
          given.push(data as string)
          void session.send(`re: ${data as string}`)
        }),
      )
    const client = startClient(nodes.map(({ url }) => url))
    for (let n = 1; n <= 600; n++) {
      client.send(String(n))
      if (n % 50 !== 0) continue
      await client.until(({ received }) => received.length >= n - 30)
      client.cut()
      await client.until(({ closes }) => closes.length === n / 50)
    }
    await client.until(({ received, acked }) => received.length === 600 && acked === 600)
    expect(given).toEqual(numbers(600))
    expect(client.received).toEqual(numbers(600).map((n) => `re: ${n}`))
    expect(client.problems).toEqual([])
  })

  test('each reaches the session, wherever it is', async () => {
    const store = memoryStore()
    const [one, two] = [await startNode({ store }), await startNode({ store })]
    const client = startClient(one.url)
    await client.live()
    const { id } = client.session!
    expect(await two.sessions.get(id).send('from two')).toBe(1)
    const both = [two.sessions.get(id).send('again'), two.sessions.get(id).send('and again')]
    expect(await Promise.all(both)).toEqual([2, 3])
    expect(await one.sessions.get(id).send('from one')).toBe(4)
    await client.until(({ received }) => received.length === 4)
    expect(client.received).toEqual(['from two', 'again', 'and again', 'from one'])
    await two.sessions.get(id).end()
    await client.until(({ closes }) => closes.includes(4101))
    expect(client.lost).toEqual([{ reason: 'ended', from: 1 }])
    await expect(two.sessions.get(id).end()).rejects.toThrow(SessionGoneError)
    await expect(two.sessions.get(id).send('late')).rejects.toThrow(SessionGoneError)
  })

  test('who has lost a session is told, and can do nothing to it', async () => {
    const store = memoryStore()
    const [one, two] = [await startNode({ store }), await startNode({ store })]
    const client = startClient([one.url, two.url])
    await client.live()
    const [before] = one.seen
    const over = ended(before!)
    client.cut()
    await client.until(({ resumed }) => resumed === 1)
    expect(await over).toEqual({ reason: 'taken' })
    expect(before!.state).toBe('ended')
    await expect(before!.send('stale')).rejects.toThrow(SessionTakenError)
    await before!.end()
    await two.seen[0]!.send('fresh')
    await client.until(({ received }) => received.length === 1)
    expect(client.received).toEqual(['fresh'])
    expect(one.sessions.stats).toMatchObject({ sessions: 0, ended: { taken: 1 } })
  })

  test('what the client has not acknowledged waits on whichever server has the session', async () => {
    const store = memoryStore()
    const [one, two] = [await startNode({ store }), await startNode({ store })]
    const client = startClient([one.url, two.url])
    client.taking = 'never'
    await client.live()
    await one.seen[0]!.send('one')
    await client.until(({ received }) => received.length === 1)
    client.cut()
    await client.until(({ resumed }) => resumed === 1)
    expect(two.seen[0]!.held).toBe(1)
    expect(two.sessions.stats.oldestHeld).toBeGreaterThan(0)
  })

  test('what the client says that it has when it comes to another is told there', async () => {
    const store = memoryStore()
    const [one, two] = [await startNode({ store }), await startNode({ store })]
    const delivered: number[] = []
    two.sessions.on('session', (session) => session.on('delivered', (number) => delivered.push(number)))
    const client = startClient([one.url, two.url])
    await client.live()
    await one.seen[0]!.send('one')
    // before it has acknowledged that
    await client.until(({ received }) => received.length === 1)
    client.cut()
    await client.until(({ resumed }) => resumed === 1)
    expect(delivered).toEqual([1])
    expect(await two.sessions.get(client.session!.id).send('two')).toBe(2)
    await client.until(({ received }) => received.length === 2)
    expect((await store.find(client.session!.id))!.delivered).toBeGreaterThan(0)
  })

  test('a connection that is still there is closed with 4100 when another takes the session', async () => {
    const store = memoryStore()
    const [one, two] = [await startNode({ store }), await startNode({ store })]
    for (const node of [one, two]) {
      const client = startClient(one.url)
      await client.live()
      const thief = startClient(node.url)
      await thief.live()
      thief.pretend(client.state)
      thief.cut()
      await client.until(({ closes }) => closes.includes(4100))
      await thief.until(({ resumed }) => resumed === 1)
    }
  })

  test('close() finishes what is begun, and the client goes on elsewhere', async () => {
    const store = memoryStore()
    const [one, two] = [await startNode({ store }), await startNode({ store })]
    const given: [number, number][] = []
    let release!: () => void
    const gate = new Promise<void>((resolve) => (release = resolve))
    for (const [index, { sessions }] of [one, two].entries())
      sessions.on('session', (session) =>
        session.on('message', async (_, { number }) => {
          given.push([index, number])
          if (number === 5) await gate
        }),
      )
    const client = startClient([one.url, two.url])
    for (const data of numbers(10)) client.send(data)
    while (given.length < 5) await new Promise(setImmediate)
    const over = ended(one.seen[0]!)
    const closed = one.sessions.close()
    void one.seen[0]!.send('last words')
    await client.until(({ received }) => received.length === 1)
    // the handler is at work, and is waited for
    expect(one.seen[0]!.state).toBe('attached')
    release()
    await closed
    expect(await over).toEqual({ reason: 'closed' })
    await client.until(({ acked, received }) => acked === 10 && received.length === 1)
    expect(given).toEqual(numbers(10).map((n) => [Number(n) <= 5 ? 0 : 1, Number(n)]))
    expect(client.closes).toEqual([1001])
    // and takes nobody any more
    const late = startClient(one.url)
    await late.until(({ closes }) => closes.includes(1001))
    await one.sessions.close()
  })

  test('a handler that fails after its session is over, or while the server closes, is told of all the same', async () => {
    const store = memoryStore()
    const [one, two] = [await startNode({ store }), await startNode({ store })]
    const fail: ((error: Error) => void)[] = []
    for (const { sessions } of [one, two])
      sessions.on('session', (session) =>
        session.on('message', () => new Promise<void>((_, reject) => fail.push(reject))),
      )
    const client = startClient([one.url, two.url, one.url, one.url])
    client.send('one')
    while (fail.length < 1) await new Promise(setImmediate)
    client.cut()
    while (fail.length < 2) await new Promise(setImmediate)
    fail[0]!(new Error('late'))
    while (one.errors.length < 1) await new Promise(setImmediate)
    const closed = two.sessions.close()
    fail[1]!(new Error('in the middle'))
    await closed
    expect([one.errors, two.errors]).toEqual([[new Error('late')], [new Error('in the middle')]])
  })

  test('close() waits no longer than it may', async () => {
    const store = memoryStore()
    const [one, two] = [await startNode({ store }), await startNode({ store })]
    let began!: () => void
    const beginning = new Promise<void>((resolve) => (began = resolve))
    one.sessions.on('session', (session) => session.on('message', () => (began(), new Promise(() => {}))))
    const given: number[] = []
    two.sessions.on('session', (session) => session.on('message', (_, { number }) => void given.push(number)))
    const client = startClient([one.url, two.url])
    client.send('one')
    await beginning
    await one.sessions.close({ timeout: 20 })
    await client.until(({ acked }) => acked === 1)
    expect(given).toEqual([1])
  })

  test('close() waits for the handler that calls it', async () => {
    const { url, sessions } = await startNode()
    let handled = 0
    const closed = new Promise<number>((resolve) =>
      sessions.on('session', (session) =>
        session.on('message', async () => {
          void sessions.close().then(() => resolve(handled))
          for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
          handled++
        }),
      ),
    )
    const client = startClient(url)
    client.send('stop')
    expect(await closed).toBe(1)
    await client.until(({ closes }) => closes.includes(1001))
    expect(client.acked).toBe(1)
  })

  test('close() waits as long as it takes, if it may', async () => {
    const node = await startNode()
    let finish!: () => void
    const begun = new Promise<void>((resolve) =>
      node.sessions.on('session', (session) =>
        session.on('message', () => new Promise<void>((done) => ((finish = done), resolve()))),
      ),
    )
    const client = startClient(node.url)
    client.send('one')
    await begun
    setTimeout(finish, 20)
    await node.sessions.close({ timeout: Infinity })
    await client.until(({ closes }) => closes.includes(1001))
    expect(client.acked).toBe(1)
  })
})

describe('its connections', () => {
  /** What is told of all sessions, from the first event on. */
  function listen(sessions: SessionServer<IncomingMessage>): string[] {
    const told: string[] = []
    sessions.on('session', (session) => {
      told.push(session.state)
      session.on('attached', ({ resumed }) => told.push(resumed ? 'attached again' : 'attached'))
      session.on('detached', () => told.push('detached'))
      session.on('ended', ({ reason }) => told.push(reason))
    })
    return told
  }

  test('each is told, from the first to that of a client that leaves', async () => {
    const { url, sessions } = await startNode()
    const told = listen(sessions)
    const client = startClient(url)
    await client.live()
    client.cut()
    await client.until(({ resumed }) => resumed === 1)
    const over = ended(sessions[Symbol.iterator]().next().value!)
    client.leave()
    await over
    expect(told).toEqual(['detached', 'attached', 'detached', 'attached again', 'detached', 'left'])
  })

  test('one that another takes over ends before it', async () => {
    const { port, sessions } = await startNode()
    const told = listen(sessions)
    const peers = [new RawPeer(port), new RawPeer(port)] as const
    const { id, token } = await peers[0].control('h', {}).welcome()
    await peers[1].control('h', { id, token, received: 0, first: 1 }).welcome()
    for (const peer of peers) peer.tcp.destroy()
    expect(told.slice(0, 4)).toEqual(['detached', 'attached', 'detached', 'attached again'])
  })

  test('one that the server gives up ends too', async () => {
    const { url, sessions } = await startNode()
    const told = listen(sessions)
    sessions.on('session', (session) =>
      session.on('message', () => {
        throw new Error('no')
      }),
    )
    const client = startClient(url)
    client.send('one')
    await client.until(({ closes }) => closes.length === 1)
    expect(told.slice(0, 4)).toEqual(['detached', 'attached', 'detached', 'failed'])
    client.stop()
  })
})

describe('the end of a session', () => {
  test('end() closes with 4101, and the client is told what was lost', async () => {
    const { url, sessions } = await startNode()
    const client = startClient(url)
    const session = await next<Session>((listener) => sessions.on('session', listener))
    void session.send('bye')
    const over = ended(session)
    await session.end()
    expect(await over).toEqual({ reason: 'ended' })
    await client.until(({ closes }) => closes.includes(4101))
    expect(client.lost).toEqual([{ reason: 'ended', from: 1 }])
    await session.end()
    await expect(session.send('late')).rejects.toThrow(SessionGoneError)
    // and has another one now
    await client.live()
    expect(client.session!.id).not.toBe(session.id)
  })

  test('a client that leaves ends it', async () => {
    const { url, sessions } = await startNode()
    const client = startClient(url)
    const session = await next<Session>((listener) => sessions.on('session', listener))
    const over = ended(session)
    await client.live()
    client.leave()
    expect(await over).toEqual({ reason: 'left' })
    await expect(sessions.get(session.id).send('late')).rejects.toThrow(SessionGoneError)
  })

  test('a session that nobody comes back to expires', async () => {
    const clock = new SimClock()
    const { url, sessions } = await startNode({ ttl: 60_000 }, clock)
    const client = startClient(url)
    const session = await next<Session>((listener) => sessions.on('session', listener))
    await client.live()
    const detached = next((listener) => session.on('detached', listener))
    client.stop()
    await detached
    await clock.advance(59_000)
    expect(session.state).toBe('detached')
    const over = ended(session)
    await clock.advance(1_000)
    expect(await over).toEqual({ reason: 'expired' })
    expect(sessions.stats).toMatchObject({ sessions: 0, ended: { expired: 1 } })
    await expect(sessions.get(session.id).send('late')).rejects.toThrow(SessionGoneError)
  })

  test('one that is in use does not, however long', async () => {
    const clock = new SimClock()
    const store = memoryStore(clock)
    const { url, sessions, wss } = await startNode({ ttl: 60_000, store }, clock)
    const probes = { sent: 0, answered: 0 }
    wss.on('connection', (socket) => {
      const ping = socket.ping.bind(socket)
      socket.ping = (...args: never[]) => (probes.sent++, ping(...args))
      socket.on('pong', () => probes.answered++)
    })
    const client = startClient(url)
    const session = await next<Session>((listener) => sessions.on('session', listener))
    for (let i = 0; i < 60; i++) {
      await clock.advance(10_000)
      while (probes.answered < probes.sent) await new Promise(setImmediate)
    }
    expect(session.state).toBe('attached')
    expect(probes.sent).toBeGreaterThan(10)
    await session.send('still here')
    await client.until(({ received }) => received.length === 1)
  })

  test('one that is in use does not, however rare the pings are', async () => {
    const clock = new SimClock()
    const { url, sessions } = await startNode({ ttl: 1_000, store: memoryStore(clock) }, clock)
    const client = startClient(url)
    const session = await next<Session>((listener) => sessions.on('session', listener))
    await client.live()
    for (let i = 0; i < 100; i++) await clock.advance(100)
    await session.send('still here')
    await client.until(({ received }) => received.length === 1)
  })

  test('one with the longest time to live expires after that, and not before', async () => {
    const clock = new SimClock()
    const day = 24 * 60 * 60 * 1_000
    const { url, sessions } = await startNode(
      { ttl: 30 * day, heartbeat: 20 * day, store: memoryStore() },
      clock,
    )
    const client = startClient(url)
    const session = await next<Session>((listener) => sessions.on('session', listener))
    await client.live()
    const longest = vi.spyOn(clock, 'setTimeout')
    const left = next((listener) => session.on('detached', listener))
    client.stop()
    await left
    // a system's timer that is longer fires at once
    expect(Math.max(...longest.mock.calls.map(([, ms]) => ms))).toBeLessThan(2 ** 31)
    await clock.advance(30 * day - 1)
    expect(session.state).toBe('detached')
    await clock.advance(1)
    expect(session.state).toBe('ended')
  })

  test('a client whose session the store has lost gets another, and is told', async () => {
    const store = memoryStore()
    const { url, sessions } = await startNode({ store })
    const client = startClient(url)
    const session = await next<Session>((listener) => sessions.on('session', listener))
    session.on('message', () => {})
    await client.live()
    // as a Redis does that lost its last second
    await store.end(session.id, 1)
    const over = ended(session)
    client.send('one')
    expect(await over).toEqual({ reason: 'gone' })
    await client.until(({ lost }) => lost.length === 1)
    expect(client.lost).toEqual([{ reason: 'expired', from: 1 }])
    await client.live()
    expect(sessions.stats).toMatchObject({ sessions: 1, opened: 2, ended: { gone: 1 } })
  })
})
