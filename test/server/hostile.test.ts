/** Clients that break the rules, over raw sockets: closed with a code, at a bounded cost, and nobody else is disturbed. */
import { randomBytes } from 'node:crypto'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { memoryStore, type SessionServerOptions } from '../../src/server/index.js'
import { Connection } from '../../src/server/connection.js'
import { type Clock, systemClock } from '../../src/time/clock.js'
import { SimClock } from '../sim/clock.js'
import { type Node, startClient, startNode } from './harness.js'
import { RawPeer } from './raw.js'
import { distant } from './wrapped.js'

function raw(node: Node, options?: { protocol?: string; path?: string }): RawPeer {
  const peer = new RawPeer(node.port, options)
  onTestFinished(() => peer.destroy())
  return peer
}

/** A server on which an honest client holds a conversation, from before till after. */
async function withHonest(options: SessionServerOptions<{ url?: string }> = {}) {
  const node = await startNode(options as never)
  node.sessions.on('session', (session) => session.on('message', (data) => void session.send(data)))
  const honest = startClient(node.url)
  honest.send('before')
  await honest.until(({ received }) => received.length === 1)
  const undisturbed = async (): Promise<void> => {
    honest.send('after')
    await honest.until(({ received }) => received.length === 2)
    expect(honest.connections).toBe(1)
    expect(node.errors).toEqual([])
  }
  return { node, honest, undisturbed }
}

describe('before the welcome', () => {
  test.each([
    ['a text that is no control', (peer: RawPeer) => peer.text('hello')],
    ['bytes', (peer: RawPeer) => peer.binary(Buffer.of(1, 2, 3))],
    ['control that is no JSON', (peer: RawPeer) => peer.text('\u0001h{')],
    ['control of no known kind', (peer: RawPeer) => peer.text('\u0001z{}')],
    ['control without end', (peer: RawPeer) => peer.text(`\u0001h{"id":"${'x'.repeat(50_000)}"}`)],
    ['an acknowledgement', (peer: RawPeer) => peer.control('a', 1)],
    ['a bye', (peer: RawPeer) => peer.control('b', {})],
    ['a welcome', (peer: RawPeer) => peer.control('w', {})],
    ['a hello with half a name', (peer: RawPeer) => peer.control('h', { id: 'a' })],
    [
      'a hello whose numbers are none',
      (peer: RawPeer) => peer.control('h', { id: 'a', token: 'b', received: -1, first: 0 }),
    ],
    ['a message before the answer to the hello', (peer: RawPeer) => peer.control('h', {}).text('too early')],
    ['two hellos', (peer: RawPeer) => peer.control('h', {}).control('h', {})],
  ])('%s: 1002', async (_, say) => {
    const { node, undisturbed } = await withHonest()
    expect(await say(raw(node)).code()).toBe(1002)
    await undisturbed()
  })

  test('no subprotocol: 1002', async () => {
    const { node, undisturbed } = await withHonest()
    const peer = raw(node, { protocol: '' })
    expect(await peer.code()).toBe(1002)
    await undisturbed()
  })

  test('silence: 1013, in time', async () => {
    const clock = new SimClock()
    const node = await startNode({ handshakeTimeout: 5_000 }, clock)
    const peer = raw(node)
    await peer.until(() => node.wss.clients.size === 1)
    while (clock.timers.at(-1)! < 5_000) await new Promise(setImmediate)
    await clock.advance(5_000)
    expect(await peer.code()).toBe(1013)
  })

  test('a Close that is not answered: the connection ends all the same', async () => {
    const clock = new SimClock()
    const node = await startNode({}, clock)
    const peer = raw(node)
    peer.text('rubbish')
    expect(await peer.code()).toBe(1002)
    await clock.advance(2_000)
    await peer.until(({ over }) => over === 'yes')
  })

  test('a connection that is gone before its hello, or before the answer', async () => {
    const { node, undisturbed } = await withHonest()
    for (const say of [() => {}, (peer: RawPeer) => void peer.control('h', {})]) {
      const peer = raw(node)
      say(peer)
      peer.tcp.end()
      await peer.until(({ over }) => over === 'yes')
    }
    await undisturbed()
  })
})

describe('somebody else’s session', () => {
  const authorize = ({ url }: { url?: string }): string => url!

  test('a wrong token: 1002, and the session goes on', async () => {
    const { node, honest, undisturbed } = await withHonest()
    const { id, token } = honest.session!
    for (const wrong of ['x', `${token}x`, token.slice(1), token.toLowerCase(), '🌍']) {
      const peer = raw(node).control('h', { id, token: wrong, received: 0, first: 1 })
      expect(await peer.code()).toBe(1002)
    }
    expect(node.sessions.stats).toMatchObject({ rejected: 5, sessions: 1 })
    await undisturbed()
  })

  test('the right token and another identity: 1002, and the session goes on', async () => {
    const { node, honest, undisturbed } = await withHonest({ authorize })
    const peer = raw(node, { path: '/mallory' })
    peer.control('h', { ...honest.session, received: 1, first: 2 })
    expect(await peer.code()).toBe(1002)
    expect(node.sessions.stats.rejected).toBe(1)
    await undisturbed()
  })

  test('an id that no session ever has is not looked for, and gets a session of its own', async () => {
    const { node, honest, undisturbed } = await withHonest()
    for (const id of ['../../etc/passwd', `{${honest.session!.id}}`, 'x'.repeat(100), 'nobody']) {
      const peer = raw(node).control('h', { id, token: 'x', received: 0, first: 1 })
      expect(await peer.welcome()).toMatchObject({ resumed: false, received: 0 })
    }
    await undisturbed()
  })
})

describe('numbers that lie', () => {
  test('of its own session: it is a new one, and the old is gone', async () => {
    const { node, undisturbed } = await withHonest()
    for (const lie of [
      { received: 99, first: 1 },
      { received: 0, first: 99 },
    ]) {
      const before = raw(node).control('h', {})
      const { id, token } = await before.welcome()
      before.destroy()
      const peer = raw(node).control('h', { id, token, ...lie })
      expect(await peer.welcome()).toMatchObject({ resumed: false, received: 0 })
      const late = raw(node).control('h', { id, token, received: 0, first: 1 })
      expect(await late.welcome()).toMatchObject({ resumed: false })
    }
    await undisturbed()
  })

  test.each([
    ['an acknowledgement of what was never sent', (peer: RawPeer) => peer.control('a', 2)],
    ['an acknowledgement of nothing', (peer: RawPeer) => peer.text('\u0001a"x"')],
    ['another hello', (peer: RawPeer) => peer.control('h', {})],
    [
      'a welcome',
      (peer: RawPeer) =>
        peer.control('w', { id: 'a', token: 'b', received: 0, resumed: true, ttl: 1, window: 1 }),
    ],
    ['control that is no JSON', (peer: RawPeer) => peer.text('\u0001a{{{')],
  ])('%s: 1002, and the session can be resumed', async (_, say) => {
    const { node, undisturbed } = await withHonest()
    const peer = raw(node).control('h', {})
    const { id, token } = await peer.welcome()
    expect(await say(peer).code()).toBe(1002)
    const again = raw(node).control('h', { id, token, received: 0, first: 1 })
    expect(await again.welcome()).toMatchObject({ id, resumed: true })
    await undisturbed()
  })

  test('an acknowledgement twice: 1002', async () => {
    const { node } = await withHonest()
    const peer = raw(node).control('h', {})
    await peer.welcome()
    peer.text('echo')
    await peer.until(({ texts }) => texts.includes('echo'))
    peer.control('a', 1)
    expect(await peer.control('a', 1).code()).toBe(1002)
  })

  test('the same number of a connection that is there: both live on, one after the other', async () => {
    const { node } = await withHonest()
    const peer = raw(node).control('h', {})
    const { id, token } = await peer.welcome()
    const again = raw(node).control('h', { id, token, received: 0, first: 1 })
    expect(await again.welcome()).toMatchObject({ id, resumed: true })
    expect(await peer.code()).toBe(4100)
  })
})

describe('floods', () => {
  test('more than the window: 1002, and no more is held than that', async () => {
    const node = await startNode({ window: 65_536 })
    let waiting!: () => void
    // no handler is ever done
    node.sessions.on('session', (session) =>
      session.on('message', () => (waiting?.(), new Promise<void>(() => {}))),
    )
    const peer = raw(node).control('h', {})
    await peer.welcome()
    for (let i = 0; i < 100; i++) peer.binary(randomBytes(1_000))
    expect(await peer.code()).toBe(1002)
    void waiting
  })

  test('more than the server’s greatest message: the connection is closed by ws itself', async () => {
    const { node, undisturbed } = await withHonest()
    const peer = raw(node).control('h', {})
    await peer.welcome()
    const head = Buffer.alloc(14)
    head[0] = 0x82
    head[1] = 0xff
    head.writeBigUInt64BE(2n ** 40n, 2)
    peer.tcp.write(head)
    expect(await peer.code()).toBe(1009)
    await undisturbed()
  })

  test('very many hellos of one identity: 4102, and no session more than there may be', async () => {
    const { node, undisturbed } = await withHonest({
      authorize: ({ url }) => url!,
      maxSessionsPerIdentity: 5,
    })
    const codes: (number | undefined)[] = []
    for (let round = 0; round < 10; round++) {
      const peers = Array.from({ length: 20 }, () => raw(node, { path: '/mallory' }).control('h', {}))
      await Promise.all(
        peers.map((peer) => peer.until(({ texts, closed }) => texts.length > 0 || closed !== undefined)),
      )
      codes.push(...peers.map(({ closed }) => closed))
      for (const peer of peers) peer.destroy()
    }
    expect(codes.filter((code) => code === 4102)).toHaveLength(195)
    expect(node.sessions.stats.sessions).toBe(6)
    await undisturbed()
  })

  test('sessions of one identity that come from another server, all at once: 1013 for those that are too many', async () => {
    const options = { store: distant(memoryStore()), authorize: () => 'mallory' }
    const [first, second] = [
      await startNode(options),
      await startNode({ ...options, maxSessionsPerIdentity: 3 }),
    ]
    const welcomes = await Promise.all(Array.from({ length: 8 }, () => raw(first).control('h', {}).welcome()))
    const peers = welcomes.map(({ id, token }) =>
      raw(second).control('h', { id, token, received: 0, first: 1 }),
    )
    await Promise.all(
      peers.map((peer) => peer.until(({ texts, closed }) => texts.length > 0 || closed !== undefined)),
    )
    expect(peers.filter(({ closed }) => closed === 1013)).toHaveLength(5)
    expect(second.sessions.stats.sessions).toBe(3)
  })

  test('more sessions than a server has room for: 1013, new ones and those of other servers', async () => {
    const { node, undisturbed } = await withHonest({ maxSessions: 3 })
    const peers = Array.from({ length: 10 }, () => raw(node).control('h', {}))
    await Promise.all(
      peers.map((peer) => peer.until(({ texts, closed }) => texts.length > 0 || closed !== undefined)),
    )
    expect(peers.filter(({ closed }) => closed === 1013)).toHaveLength(8)
    expect(node.sessions.stats.sessions).toBe(3)
    await undisturbed()
  })

  test('a client that reads nothing: what is held for it is bounded', async () => {
    const { node, undisturbed } = await withHonest({ window: 65_536, maxHeldBytes: 200_000 })
    const peer = raw(node).control('h', {})
    await peer.welcome()
    peer.tcp.pause()
    const session = node.seen.at(-1)!
    let refused = 0
    for (let i = 0; i < 100; i++) await session.send(Buffer.alloc(10_000)).catch(() => refused++)
    expect(refused).toBe(80)
    expect(session.held).toBe(20)
    const [, slow] = [...node.wss.clients]
    expect(slow!.bufferedAmount).toBeLessThan(65_536 + 2 * 10_000)
    await undisturbed()
  })

  test('a client that answers no ping is given up', async () => {
    const clock = new SimClock()
    const node = await startNode({ heartbeat: 20_000 }, clock)
    const peer = raw(node).control('h', {})
    await peer.welcome()
    const session = node.seen[0]!
    await clock.advance(20_000)
    expect(session.state).toBe('attached')
    await clock.advance(20_000)
    await peer.until(({ over }) => over === 'yes')
    while (session.state !== 'detached') await new Promise(setImmediate)
  })
})

describe('authorize', () => {
  test.each([[undefined], [null]])('%s: 3000', async (nobody) => {
    const node = await startNode({ authorize: () => nobody })
    expect(await raw(node).control('h', {}).code()).toBe(3000)
  })

  test('that takes its time: what comes meanwhile waits', async () => {
    const node = await startNode({ authorize: async () => (await new Promise(setImmediate), 'me') })
    const peer = raw(node).control('h', {})
    expect(await peer.welcome()).toMatchObject({ resumed: false })
    expect(node.seen[0]!.identity).toBe('me')
  })

  test('that throws, or gives no name: 1011, and it is told', async () => {
    const failure = new Error('database away')
    const node = await startNode({ authorize: () => Promise.reject(failure) })
    expect(await raw(node).control('h', {}).code()).toBe(1011)
    expect(node.errors).toEqual([failure])
    for (const name of [7, 'x'.repeat(257)]) {
      const node = await startNode({ authorize: () => name as string })
      expect(await raw(node).control('h', {}).code()).toBe(1011)
      expect(node.errors).toMatchObject([{ code: 'ERR_INVALID_ARGUMENT', argument: 'authorize' }])
    }
  })

  test('that answers once its connection is over: no session is opened, and none is taken over', async () => {
    let answer!: (identity: string) => void
    const late = new Promise<string>((resolve) => (answer = resolve))
    const node = await startNode({ authorize: ({ url }) => (url === '/late' ? late : 'me') })
    const { id, token } = await raw(node).control('h', {}).welcome()
    for (const hello of [{}, { id, token, received: 0, first: 1 }]) {
      const over = new Promise((resolve) =>
        node.wss.once('connection', (socket) => {
          socket.once('message', () => socket.terminate())
          socket.once('close', resolve)
        }),
      )
      raw(node, { path: '/late' }).control('h', hello)
      await over
    }
    answer('me')
    await raw(node).control('h', {}).welcome()
    expect(node.sessions.stats).toMatchObject({ sessions: 2, attached: 2, opened: 2, resumed: 0 })
  })

  test('that never answers: 1013, in time', async () => {
    const clock = new SimClock()
    const node = await startNode({ authorize: () => new Promise(() => {}), handshakeTimeout: 1_000 }, clock)
    const peer = raw(node).control('h', {})
    await peer.until(() => node.wss.clients.size === 1)
    while (clock.timers.at(0) !== 1_000) await new Promise(setImmediate)
    await clock.advance(1_000)
    expect(await peer.code()).toBe(1013)
  })

  test('that never answers does not keep the process alive', async () => {
    const timers: NodeJS.Timeout[] = []
    const clock: Clock = {
      ...systemClock,
      setTimeout(callback, ms) {
        timers.push(setTimeout(callback, ms))
        return timers.at(-1)
      },
    }
    const authorize = vi.fn(() => new Promise<never>(() => {}))
    raw(await startNode({ authorize }, clock))
    await expect.poll(() => authorize).toHaveBeenCalledOnce()
    expect(timers.filter((timer) => timer.hasRef())).toEqual([])
  })

  test('that never answers: nothing is kept of a connection that is over', async () => {
    const kept = vi.spyOn(Set.prototype, 'delete')
    onTestFinished(() => kept.mockRestore())
    const node = await startNode({ authorize: () => new Promise(() => {}), handshakeTimeout: 1 })
    expect(await raw(node).code()).toBe(1013)
    expect(kept.mock.calls.flat().some((item) => item instanceof Connection)).toBe(true)
  })
})
