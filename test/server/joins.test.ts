/** Hellos that meet: with each other, with the end of their session or of their server. */
import { randomBytes } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type SessionStore, StoreUnavailableError } from '../../src/server/index.js'
import { memoryStore } from '../../src/server/memory.js'
import { type Node, startNode } from './harness.js'
import { RawPeer } from './raw.js'
import { replaced, wrapped } from './wrapped.js'

function raw(node: Node): RawPeer {
  const peer = new RawPeer(node.port)
  onTestFinished(() => peer.destroy())
  return peer
}

function deferred() {
  let resolve!: () => void
  const promise = new Promise<void>((settle) => (resolve = settle))
  return { promise, resolve }
}

/** A store one of whose operations does something else first. */
function before(name: keyof SessionStore, store: SessionStore, first: () => unknown): SessionStore {
  return wrapped(store, (key, operation) =>
    key === name ? async (...args) => (await first(), operation(...args)) : operation,
  )
}

test('two at once for one session: one after the other, and the latter has it', async () => {
  const here = deferred()
  let hellos = 0
  const node = await startNode({ store: before('find', memoryStore(), () => here.promise) })
  node.wss.on('connection', (socket) => socket.on('message', () => ++hellos === 4 && here.resolve()))
  const first = raw(node).control('h', {})
  const { id, token } = await first.welcome()
  const both = [raw(node), raw(node), raw(node)]
  for (const peer of both) peer.control('h', { id, token, received: 0, first: 1 })
  await Promise.all(both.map((peer) => peer.welcome()))
  const all = [first, ...both]
  while (all.filter(({ closed }) => closed === 4100).length < 3) await new Promise(setImmediate)
  expect(node.sessions.stats).toMatchObject({ sessions: 1, attached: 1, resumed: 3 })
})

test('the session ends between the look and the claim: there is a new one', async () => {
  const inner = memoryStore()
  let id = ''
  let token = ''
  const node = await startNode({ store: before('claim', inner, () => inner.end(id)) })
  const first = raw(node).control('h', {})
  ;({ id, token } = await first.welcome())
  const peer = raw(node).control('h', { id, token, received: 0, first: 1 })
  expect(await peer.welcome()).toMatchObject({ resumed: false })
})

test('the application ends the session while it is claimed again: it stays ended', async () => {
  const inner = memoryStore()
  const [claimed, answer] = [deferred(), deferred()]
  const store = replaced(inner, {
    async claim(...args) {
      const claim = await inner.claim(...args)
      claimed.resolve()
      await answer.promise
      return claim
    },
  })
  const node = await startNode({ store })
  const { id, token } = await raw(node).control('h', {}).welcome()
  const peer = raw(node).control('h', { id, token, received: 0, first: 1 })
  await claimed.promise
  await node.seen[0]!.end()
  answer.resolve()
  expect(await peer.welcome()).toMatchObject({ resumed: false })
  expect(await inner.find(id)).toBeUndefined()
  expect(node.sessions.stats).toMatchObject({ sessions: 1, opened: 2, resumed: 0 })
})

test('the session fails in any moment of its next claim: the connection is answered all the same', async () => {
  const inner = memoryStore()
  let fail: (() => void) | undefined
  const store = replaced(inner, {
    claim(...args) {
      fail?.()
      return inner.claim(...args)
    },
  })
  const node = await startNode({ store })
  for (let turns = 0; turns < 20; turns++) {
    const first = raw(node).control('h', {})
    const { id, token } = await first.welcome()
    const handed = new Promise<void>((resolve) =>
      node.seen.at(-1)!.on('message', async () => {
        await new Promise<void>((free) => {
          fail = free
          resolve()
        })
        for (let turn = 0; turn < turns; turn++) await undefined
        throw new Error('the handler')
      }),
    )
    first.text('a')
    await handed
    const second = raw(node).control('h', { id, token, received: 0, first: 1 })
    await second.until(({ texts, closed }) => texts.length > 0 || closed === 1011)
    fail = undefined
  }
})

test('the client is gone before the answer: its session waits for it', async () => {
  const gone = deferred()
  const node = await startNode({ store: before('open', memoryStore(), () => gone.promise) })
  const peer = raw(node).control('h', {})
  await peer.until(() => node.wss.clients.size === 1)
  const [socket] = node.wss.clients
  socket!.once('close', () => gone.resolve())
  peer.tcp.end()
  await gone.promise
  while (node.seen.length === 0) await new Promise(setImmediate)
  while (node.seen[0]!.state !== 'detached') await new Promise(setImmediate)
})

test('the server closes before the answer: the client goes elsewhere', async () => {
  const asked = deferred()
  const closing = deferred()
  const node = await startNode({
    store: before('open', memoryStore(), () => (asked.resolve(), closing.promise)),
  })
  const peer = raw(node).control('h', {})
  await asked.promise
  const closed = node.sessions.close()
  closing.resolve()
  await closed
  expect(await peer.code()).toBe(1001)
  expect(node.sessions.stats).toMatchObject({ sessions: 0, ended: { closed: 1 } })
})

test('a server that has no room takes no session from another', async () => {
  const store = memoryStore()
  const [one, two] = [await startNode({ store }), await startNode({ store, maxSessions: 1 })]
  const full = raw(two).control('h', {})
  await full.welcome()
  const peer = raw(one).control('h', {})
  const { id, token } = await peer.welcome()
  const again = raw(two).control('h', { id, token, received: 0, first: 1 })
  expect(await again.code()).toBe(1013)
  expect(one.seen[0]!.state).toBe('attached')
})

test('a number that the store has and no connection was sent yet is a lie: 1002, and the session stays', async () => {
  const node = await startNode({ window: 1_024 })
  const peer = raw(node).control('h', {})
  const { id, token } = await peer.welcome()
  const session = node.seen[0]!
  for (let i = 0; i < 50; i++) await session.send(randomBytes(1_000))
  const liar = raw(node).control('h', { id, token, received: 40, first: 1 })
  expect(await liar.code()).toBe(1002)
  expect(session.state).toBe('attached')
})

test('a wake-up that comes late changes nothing, and so does the end of what has ended', async () => {
  const inner = memoryStore()
  let tell!: Parameters<SessionStore['subscribe']>[1]
  const store = replaced(inner, {
    subscribe: (owner, listener) => inner.subscribe(owner, (tell = listener)),
  })
  const node = await startNode({ store })
  const peer = raw(node).control('h', {})
  const { id } = await peer.welcome()
  tell({ type: 'fenced', id, epoch: 1 })
  tell({ type: 'appended', id, last: 0 })
  const [session] = node.seen
  expect(await session!.send('one')).toBe(1)
  // it ends while it waits for what is on its way
  void session!.send('two')
  const ending = session!.end()
  tell({ type: 'ended', id })
  await ending
  expect(session!.state).toBe('ended')
})

describe('a session that comes from another server counts as long as it is here', () => {
  /** A session that one server has, and a store for another, whose limit it would fill. */
  async function elsewhere(claim: (inner: SessionStore) => Partial<SessionStore>) {
    const inner = memoryStore()
    const options = { authorize: () => 'mallory', maxSessionsPerIdentity: 1 }
    const [one, two] = [
      await startNode({ ...options, store: inner }),
      await startNode({ ...options, store: replaced(inner, claim(inner)) }),
    ]
    const { id, token } = await raw(one).control('h', {}).welcome()
    const come = (): RawPeer => raw(two).control('h', { id, token, received: 0, first: 1 })
    return { two, come }
  }

  test('not if the store cannot be reached for the claim', async () => {
    let failures = 1
    const { two, come } = await elsewhere((inner) => ({
      claim(...args) {
        if (failures-- > 0) throw new StoreUnavailableError()
        return inner.claim(...args)
      },
    }))
    expect(await come().code()).toBe(1013)
    expect(two.sessions.stats.sessions).toBe(0)
    expect(await come().welcome()).toMatchObject({ resumed: true })
    expect(two.sessions.stats.sessions).toBe(1)
  })

  test('not if it has ended before the claim', async () => {
    const { two, come } = await elsewhere((inner) => ({
      async claim(id, ...rest) {
        await inner.end(id)
        return inner.claim(id, ...rest)
      },
    }))
    expect(await come().welcome()).toMatchObject({ resumed: false })
    expect(two.sessions.stats.sessions).toBe(1)
  })

  test('and once, if it was here, and elsewhere in between, of which nobody told', async () => {
    const inner = memoryStore()
    const options = { authorize: () => 'mallory', maxSessionsPerIdentity: 1 }
    const [deaf, other] = [
      await startNode({ ...options, store: replaced(inner, { subscribe: () => () => {} }) }),
      await startNode({ ...options, store: inner }),
    ]
    const { id, token } = await raw(deaf).control('h', {}).welcome()
    for (const node of [other, deaf]) {
      const peer = raw(node).control('h', { id, token, received: 0, first: 1 })
      expect(await peer.welcome()).toMatchObject({ resumed: true })
    }
    expect(deaf.sessions.stats.sessions).toBe(1)
    expect(await raw(deaf).control('h', {}).code()).toBe(4102)
  })
})
