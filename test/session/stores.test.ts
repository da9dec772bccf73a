/** Stores that are slow, that fail, and that belong to somebody else meanwhile. */
import { once } from 'node:events'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { SessionLostError, SessionStoreError } from '../../src/session/errors.js'
import { platform as node } from '../../src/platform/node.js'
import type { Platform } from '../../src/platform/platform.js'
import type { SessionSocketOptions } from '../../src/session/options.js'
import type { SessionName } from '../../src/session/protocol/wire.js'
import { SessionSocket } from '../../src/session/socket.js'
import type { OpenStore, SavedSession, SessionStore } from '../../src/session/store.js'
import { type ServerOptions, TestServer } from './server.js'

const stops: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function serve(options?: ServerOptions): Promise<TestServer> {
  const server = await new TestServer(options).start()
  stops.push(() => server.kill())
  return server
}

function connect(server: TestServer, store?: SessionStore, platform = node): SessionSocket {
  const options: SessionSocketOptions = {
    retry: { backoff: { type: 'constant', base: 20 } },
    session: { store },
  }
  // not part of the public signature
  const socket = new SessionSocket(server.url, options, ...([platform] as unknown as []))
  stops.push(() => socket.terminate())
  return socket
}

const empty: SavedSession = { session: undefined, received: 0, acked: 0, messages: [] }

/** A store that does what a test says; what it is asked for is in `asked`. */
class Fake implements SessionStore, OpenStore {
  saved = empty
  readonly asked: unknown[][] = []
  /** The operation that fails, and how. */
  failing: string | undefined
  how: 'throw' | 'reject' = 'throw'
  slow = false
  readonly #pending: { resolve(): void; reject(error: Error): void }[] = []

  open(): OpenStore {
    this.#do('open')
    return this
  }
  append = (...given: unknown[]) => this.#do('append', ...given)
  forget = (...given: unknown[]) => this.#do('forget', ...given)
  received = (...given: unknown[]) => this.#do('received', ...given)
  name = (...given: unknown[]) => this.#do('name', ...given)
  clear = () => this.#do('clear')
  close = () => this.#do('close')

  /** All that was slow is done. */
  done(): void {
    for (const { resolve } of this.#pending.splice(0)) resolve()
  }

  /** All that was slow fails. */
  fail(): void {
    for (const { reject } of this.#pending.splice(0)) reject(new SessionStoreError('is full'))
  }

  /** The session that it was to name last. */
  get named(): SessionName {
    return this.asked.findLast(([name]) => name === 'name')![1] as SessionName
  }

  async until(name: string): Promise<void> {
    while (!this.asked.some(([asked]) => asked === name))
      await new Promise((resolve) => setImmediate(resolve))
  }

  #do(...asked: unknown[]): Promise<void> | void {
    this.asked.push(asked)
    if (asked[0] === this.failing) {
      const error = new SessionStoreError('is full')
      if (this.how === 'throw') throw error
      return Promise.reject(error)
    }
    if (this.slow) return new Promise((resolve, reject) => this.#pending.push({ resolve, reject }))
  }
}

test('nothing is sent before the store has it, and the name before all', async () => {
  const server = await serve()
  const store = new Fake()
  store.slow = true
  const socket = connect(server, store)
  socket.send('a')
  await store.until('name')
  expect(socket.state).toBe('connecting')
  expect(server.all[0]!.messages).toEqual([])
  store.done()
  await server.until(() => server.all[0]!.messages.length === 1)
  socket.send('b')
  store.done()
  await server.until(() => server.all[0]!.messages.length === 2)
  expect(store.asked.slice(0, 3)).toEqual([['open'], ['append', 1, 'a'], ['name', expect.anything()]])
})

test('what the server sends is acknowledged when the store has noted it', async () => {
  const server = await serve()
  const store = new Fake()
  const socket = connect(server, store)
  await socket.opened
  store.slow = true
  const [session] = server.all
  const heard = new Promise((resolve) => socket.on('message', resolve))
  session!.send('a')
  await heard
  await store.until('received')
  session!.send('b')
  await new Promise((resolve) => socket.on('message', resolve))
  expect(session!.held).toBe(2)
  store.slow = false
  store.done()
  await server.until(() => session!.held === 0)
  expect(store.asked.filter(([name]) => name === 'received')).toEqual([
    ['received', 1],
    ['received', 2],
  ])
})

test.each([
  ['where events come in turns of their own', { ...node, Held: undefined } as unknown as Platform],
  ['in Node', node],
])(
  'messages that come before the store has the name wait for who awaits the opening, %s',
  async (_where, platform) => {
    const server = await serve()
    const store = new Fake()
    store.slow = true
    const socket = connect(server, store, platform)
    const told: string[] = []
    socket.on('*', (type) => told.push(type))
    await store.until('name')
    server.all[0]!.send('a')
    server.all[0]!.send('b')
    // behind them: a ping is answered at once, whoever reads what came before
    server.clients[0]!.ping()
    await once(server.clients[0]!, 'pong')
    store.done()
    await socket.opened
    const heard: unknown[] = []
    await new Promise<void>((resolve) =>
      socket.on('message', (data) => {
        if (heard.push(data) === 2) resolve()
      }),
    )
    expect(heard).toEqual(['a', 'b'])
    expect(told.filter((type) => type === 'open' || type === 'message')).toEqual([
      'open',
      'message',
      'message',
    ])
  },
)

test('messages that came while the store noted one before them are noted when it is closed', async () => {
  const server = await serve()
  const store = new Fake()
  const socket = connect(server, store)
  const heard: unknown[] = []
  socket.on('message', (data) => heard.push(data))
  const hear = async (count: number): Promise<void> => {
    while (heard.length < count) await new Promise((resolve) => socket.on('message', resolve))
  }
  await socket.opened
  store.slow = true
  server.all[0]!.send('a')
  await hear(1)
  await store.until('received')
  server.all[0]!.send('b')
  await hear(2)
  socket.close()
  await socket.closed
  expect(store.asked.slice(-3)).toEqual([['received', 1], ['received', 2], ['close']])
  store.slow = false
  store.done()
  store.saved = { ...empty, session: store.named, received: 2 }
  socket.connect()
  server.all[0]!.send('c')
  await hear(3)
  expect(heard).toEqual(['a', 'b', 'c'])
})

test('a note that fails once its store is closed leaves the next store to note what comes', async () => {
  const server = await serve()
  const store = new Fake()
  const socket = connect(server, store)
  const heard: unknown[] = []
  socket.on('message', (data) => heard.push(data))
  await socket.opened
  store.slow = true
  server.all[0]!.send('a')
  await store.until('received')
  socket.close()
  await socket.closed
  store.slow = false
  store.fail()
  store.saved = { ...empty, session: store.named }
  socket.connect()
  await socket.opened
  server.all[0]!.send('b')
  await server.until(() => server.all[0]!.held === 0)
  expect(store.asked.at(-1)).toEqual(['received', 2])
  expect(heard).toEqual(['a', 'a', 'b'])
})

test('a message whose listener ends the socket is noted', async () => {
  const server = await serve()
  const store = new Fake()
  const socket = connect(server, store)
  socket.on('message', () => socket.terminate())
  await socket.opened
  server.all[0]!.send('a')
  await socket.closed
  expect(store.asked.slice(-2)).toEqual([['received', 1], ['close']])
})

test('what a listener of lost sends goes into a store that has been cleared', async () => {
  const server = await serve({ handle: () => new Promise(() => {}) })
  const store = new Fake()
  const socket = connect(server, store)
  socket.on('lost', ({ messages }) => {
    for (const { data } of messages) socket.send(data)
  })
  socket.send('a')
  await server.until(() => server.all[0]?.messages.length === 1)
  server.forget()
  server.clients[0]!.terminate()
  await server.until(() => server.all[1]?.messages.length === 1)
  const from = store.asked.findIndex(([name]) => name === 'clear')
  expect(store.asked.slice(from)).toEqual([['clear'], ['append', 1, 'a'], ['name', store.named]])
})

test.each(['ended', 'limits'] as const)(
  'a session that the server ends (%s) is told with what the store holds, and cleared from it',
  async (reason) => {
    const server = await serve({ handle: () => new Promise(() => {}) })
    const store = new Fake()
    const socket = connect(server, store)
    const lost: unknown[] = []
    socket.on('lost', (detail) => lost.push(detail))
    const fate = socket.delivered(socket.send('a')).catch((error: unknown) => error)
    await server.until(() => server.all[0]?.messages.length === 1)
    const { id: session } = socket
    server.all[0]!.end(reason)
    await socket.closed
    expect(lost).toEqual([{ reason, session, messages: [{ number: 1, data: 'a' }] }])
    expect(await fate).toBeInstanceOf(SessionLostError)
    expect(store.asked.slice(-2)).toEqual([['clear'], ['close']])
  },
)

test('a page in the back/forward cache leaves the session to another, and goes on with what that one has left', async () => {
  const server = await serve()
  const store = new Fake()
  let hint!: (hint: 'suspend' | 'wake') => void
  const socket = new SessionSocket(server.url, {
    session: { store },
    hints: (tell) => {
      hint = tell
      return () => {}
    },
  })
  stops.push(() => socket.terminate())
  const lost: unknown[] = []
  socket.on('lost', (detail) => lost.push(detail))
  await socket.opened
  socket.send('a')
  await socket.delivered(1)
  hint('suspend')
  expect(store.asked.at(-1)).toEqual(['close'])
  const other = new Fake()
  other.saved = { ...empty, session: store.named, acked: 1 }
  const second = connect(server, other)
  second.send('b')
  await second.drain()
  second.close()
  await second.closed
  store.saved = { ...other.saved, acked: 2 }
  // it waits in its page until then
  const number = socket.send('c')
  hint('wake')
  await socket.delivered(number)
  expect([server.all.map(({ messages }) => messages), lost]).toEqual([[['a', 'b', 'c']], []])
})

test('what a store that is being closed could not write, and what follows it, is held and sent as new', async () => {
  const server = await serve()
  const fates: { resolve(): void; reject(error: Error): void }[] = []
  const store = new Fake()
  const socket = connect(server, {
    open: () => ({
      ...store,
      saved: store.saved,
      append: () => new Promise<void>((resolve, reject) => fates.push({ resolve, reject })),
      close: async () => {
        await closing
      },
    }),
  })
  let done!: () => void
  const closing = new Promise<void>((resolve) => (done = resolve))
  await socket.opened
  const numbers = ['stored', 'late', 'failed', 'behind it'].map((data) => socket.send(data))
  fates[0]!.resolve()
  await server.until(() => server.all[0]!.messages.length === 1)
  socket.terminate()
  await socket.closed
  expect(socket.held.size).toBe(3)
  fates[1]!.resolve()
  fates[2]!.reject(new SessionStoreError('cannot be written'))
  fates[3]!.resolve()
  done()
  // another one has gone on with the session, and has sent the second and one more
  store.saved = { ...empty, session: store.named, acked: 1, messages: ['late', 'of the other'] }
  fates.length = 0
  socket.connect()
  await socket.opened
  for (const { resolve } of fates) resolve()
  for (const number of numbers) await socket.delivered(number)
  expect(server.all.map(({ messages }) => messages)).toEqual([
    ['stored', 'late', 'of the other', 'failed', 'behind it'],
  ])
})

test('what a store has closed without delay is in it', async () => {
  const server = await serve()
  const store = new Fake()
  const socket = connect(server, store)
  await socket.opened
  const pending = vi.spyOn(store, 'append').mockReturnValue(new Promise(() => {}))
  const number = socket.send('a')
  socket.terminate()
  await socket.closed
  pending.mockRestore()
  store.saved = { ...empty, session: store.named, messages: ['a'] }
  socket.connect()
  await socket.delivered(number)
  expect(server.all.map(({ messages }) => messages)).toEqual([['a']])
})

test('what was left in the store to another is not called delivered when the socket goes on with a session that is free', async () => {
  const server = await serve()
  const store = new Fake()
  const socket = connect(server, store)
  await socket.opened
  store.slow = true
  const number = socket.send('in the store, and not sent')
  const fate = socket.delivered(number).catch((error: unknown) => error)
  socket.terminate()
  await socket.closed
  store.slow = false
  store.done()
  const free = new Fake()
  const second = connect(server, free)
  for (const data of ['a', 'b']) second.send(data)
  await second.drain()
  second.close()
  await second.closed
  store.saved = { ...empty, session: free.named, acked: 2 }
  socket.connect()
  expect(await fate).toBeInstanceOf(SessionLostError)
  await expect(socket.delivered(number)).rejects.toThrow(SessionLostError)
  const next = socket.send('c')
  await socket.delivered(next)
  expect([number, next, server.all.map(({ messages }) => messages)]).toEqual([1, 2, [[], ['a', 'b', 'c']]])
})

test('send() returns the number that lost reports, if the store fails in it', async () => {
  const server = await serve()
  const store = new Fake()
  const socket = connect(server, store)
  await socket.delivered(socket.send('a'))
  const lost: number[] = []
  socket.on('lost', ({ messages }) => lost.push(...messages.map(({ number }) => number)))
  store.failing = 'append'
  const number = socket.send('b')
  expect([number, lost]).toEqual([2, [2]])
  await expect(socket.delivered(number)).rejects.toThrow(SessionLostError)
  store.failing = undefined
  expect(socket.send('c')).toBe(3)
  await socket.delivered(3)
})

describe.each(['throw', 'reject'] as const)('a store that fails (%s)', (how) => {
  test.each(['append', 'name', 'received', 'forget'])(
    'at %s: what is held is lost, and told',
    async (failing) => {
      const server = await serve()
      const store = new Fake()
      Object.assign(store, { how, failing: failing === 'name' ? failing : undefined })
      const socket = connect(server, store)
      const lost = new Promise((resolve) => socket.on('lost', resolve))
      if (failing !== 'name') {
        await socket.opened
        store.failing = failing
        server.all[0]!.send('down')
      }
      socket.send('a')
      expect(await lost).toMatchObject({ reason: 'store', cause: { code: 'ERR_SESSION_STORE' } })
      store.failing = undefined
      // it goes on with what the store has to say
      await socket.delivered(socket.send('b'))
      expect(server.all.at(-1)!.messages).toContain('b')
    },
  )
})

test.each(['throw', 'reject'] as const)(
  'a store that fails (%s) to note the name ends the attempt, and is not waited for',
  async (how) => {
    const server = await serve()
    const store = new Fake()
    Object.assign(store, { how, failing: 'name' })
    const socket = connect(server, store)
    const error = await new Promise<Error>((resolve) => socket.on('error', resolve))
    expect(error).toMatchObject({ code: 'ERR_HELLO', cause: { code: 'ERR_SESSION_STORE' } })
    store.failing = undefined
    await socket.opened
  },
)

test('a store that failed and kept the session is cleared: what was told as lost is not sent', async () => {
  const server = await serve()
  const store = new Fake()
  const socket = connect(server, store)
  await socket.opened
  const { id } = socket
  store.failing = 'append'
  const lost = new Promise((resolve) => socket.on('lost', resolve))
  store.saved = { session: { id: id!, token: 't' }, received: 0, acked: 0, messages: ['a'] }
  socket.send('a')
  await lost
  store.failing = undefined
  await socket.opened
  await socket.delivered(socket.send('b'))
  expect(server.all.at(-1)!.messages).toEqual(['b'])
  expect(store.asked).toContainEqual(['clear'])
})

test('a store that fails ends the connection, and leaves a close() that drains to end the rest', async () => {
  const server = await serve()
  const store = new Fake()
  const socket = connect(server, store)
  await socket.opened
  let fail!: (error: Error) => void
  store.append = () => new Promise((_, reject) => (fail = reject))
  const close = new Promise((resolve) => socket.on('close', resolve))
  socket.send('a')
  socket.close(1000, '', { drain: 60_000 })
  fail(new Error('full'))
  expect(await close).toMatchObject({ cause: { code: 'ERR_SESSION_LOST', reason: 'store' } })
  expect(await socket.closed).toMatchObject({ by: 'user' })
})

test('a store that fails before the connection is open is opened again', async () => {
  const server = await serve()
  const store = new Fake()
  let attempts = 0
  const url = async (): Promise<string> => {
    await store.until('open')
    if (attempts++ === 0) {
      store.failing = 'append'
      expect(socket.send('a')).toBe(1)
      store.failing = undefined
    }
    return server.url
  }
  const socket = new SessionSocket(url, { session: { store } })
  stops.push(() => socket.terminate())
  await socket.opened
  await socket.delivered(socket.send('b'))
  expect(server.all.at(-1)!.messages).toEqual(['b'])
  expect(store.asked.filter(([name]) => name === 'open')).toHaveLength(2)
})

test('a store that fails for one of several messages that waited for it: the others wait on', async () => {
  const server = await serve()
  const store = new Fake()
  store.failing = 'append'
  const socket = connect(server, { open: () => Promise.resolve(store) })
  const lost = new Promise((resolve) => socket.on('lost', resolve))
  for (const text of ['a', 'b']) socket.send(text)
  expect(await lost).toMatchObject({ messages: [{ number: 1, data: 'a' }] })
  store.failing = undefined
  await socket.delivered(2)
  expect(server.all.at(-1)!.messages).toEqual(['b'])
})

describe.each([
  ['in memory', () => undefined],
  ['in a store', () => new Fake()],
])('drain() of messages %s that the server does not acknowledge', (_where, make) => {
  const begin = async (): Promise<{
    server: TestServer
    socket: SessionSocket
    drained: Promise<unknown>
  }> => {
    const server = await serve({ handle: () => new Promise(() => {}) })
    const socket = connect(server, make())
    await socket.opened
    socket.send('a')
    await server.until(() => server.all[0]!.messages.length === 1)
    const drained = socket.drain().then(
      () => 'drained',
      (error: unknown) => error,
    )
    return { server, socket, drained }
  }

  test.each(['close', 'terminate'] as const)('rejects at %s(), and afterwards', async (how) => {
    const { socket, drained } = await begin()
    socket[how]()
    const left = { code: 'ERR_DRAIN', messages: 1, bytes: 1 }
    expect(await drained).toMatchObject(left)
    await expect(socket.drain()).rejects.toMatchObject(left)
    expect(socket.send('b')).toBe(2)
    await expect(socket.drain()).rejects.toMatchObject({ messages: 2, bytes: 2 })
  })

  test('rejects at end(), which loses them', async () => {
    const { socket, drained } = await begin()
    socket.end()
    expect(await drained).toMatchObject({ code: 'ERR_SESSION_LOST', reason: 'left' })
    await socket.drain()
  })

  test('rejects if the server has forgotten the session', async () => {
    const { server, drained } = await begin()
    server.forget()
    server.clients[0]!.terminate()
    expect(await drained).toMatchObject({ code: 'ERR_SESSION_LOST', reason: 'expired' })
  })
})

describe.each(['throw', 'reject'] as const)('what is told as lost is not sent (the store: %s)', (how) => {
  test('by a store that fails again when it is cleared', async () => {
    const server = await serve({ handle: () => new Promise(() => {}) })
    const store = new Fake()
    store.how = how
    const socket = connect(server, store)
    await socket.opened
    const { named } = store
    store.saved = { ...empty, session: named, messages: ['a'] }
    store.failing = 'append'
    const lost = new Promise((resolve) => socket.on('lost', resolve))
    socket.send('a')
    await lost
    store.failing = 'clear'
    await store.until('clear')
    store.failing = undefined
    socket.send('b')
    await server.until(() => server.all.at(-1)!.messages.includes('b'))
    expect(server.all.flatMap(({ messages }) => messages)).toEqual(['b'])
  })

  test.each(['name', 'append'])('by one that fails to %s before it has a session', async (failing) => {
    const server = await serve()
    const store = new Fake()
    store.how = how
    const opens: (() => void)[] = []
    const socket = connect(server, {
      open: async () => {
        if (opens.length > 0) store.saved = { ...empty, messages: ['a'] }
        await new Promise<void>((resolve) => opens.push(resolve))
        return store.open()
      },
    })
    const lost = new Promise((resolve) => socket.on('lost', resolve))
    store.failing = failing
    socket.send('a')
    while (opens.length < 1) await new Promise(setImmediate)
    opens[0]!()
    expect(await lost).toMatchObject({ reason: 'store', messages: [{ data: 'a' }] })
    store.failing = undefined
    socket.send('b')
    while (opens.length < 2) await new Promise(setImmediate)
    opens[1]!()
    await server.until(() => server.all.at(-1)?.messages.includes('b') === true)
    expect(server.all.flatMap(({ messages }) => messages)).toEqual(['b'])
  })
})

test('a store that fails while there is no connection: what is held is lost, and told, and it goes on', async () => {
  const server = await serve()
  const store = new Fake()
  const socket = connect(server, store)
  await socket.opened
  const left = new Promise((resolve) => socket.on('close', resolve))
  await server.kill()
  await left
  const lost = new Promise((resolve) => socket.on('lost', resolve))
  store.failing = 'append'
  socket.send('a')
  expect(await lost).toMatchObject({ reason: 'store', messages: [{ data: 'a' }] })
  store.failing = undefined
  await server.start()
  await socket.delivered(socket.send('b'))
  expect(server.all.at(-1)!.messages).toEqual(['b'])
})

test('a store that has lost messages which the server has: the session is lost, and the attempt says why', async () => {
  const server = await serve()
  const first = new Fake()
  const before = connect(server, first)
  await before.delivered(before.send('a'))
  before.close()
  await before.closed
  const second = new Fake()
  const [, session] = first.asked.find(([name]) => name === 'name')!
  second.saved = { ...empty, session } as SavedSession
  const socket = connect(server, second)
  const lost = new Promise((resolve) => socket.on('lost', resolve))
  const failed = new Promise((resolve) => socket.on('error', resolve))
  expect(await lost).toEqual({ reason: 'store', session: before.id, messages: [] })
  expect(await failed).toMatchObject({ code: 'ERR_HELLO', cause: { code: 'ERR_SESSION_PROTOCOL' } })
  await socket.delivered(socket.send('b'))
  expect(server.all.at(-1)!.messages).toEqual(['b'])
})

describe('end() of a socket whose store is not open', () => {
  const kept = async (): Promise<{ server: TestServer; store: Fake; session: SessionName }> => {
    const server = await serve()
    const store = new Fake()
    const socket = connect(server, store)
    await socket.opened
    socket.close()
    await socket.closed
    const session = store.named
    store.saved = { ...empty, session, messages: ['a'] }
    store.asked.length = 0
    return { server, store, session }
  }

  test.each([
    ['at once', (store: Fake) => store],
    ['later', (store: Fake) => ({ open: () => Promise.resolve(store.open()) })],
  ])('clears it, and tells what it had (it opens %s)', async (_when, opening) => {
    const { server, store, session } = await kept()
    const socket = new SessionSocket(server.url, { autoConnect: false, session: { store: opening(store) } })
    const lost = new Promise((resolve) => socket.on('lost', resolve))
    socket.end()
    expect(await lost).toMatchObject({ reason: 'left', session: session.id, messages: [{ data: 'a' }] })
    await store.until('close')
    expect(store.asked.map(([name]) => name)).toEqual(['open', 'clear', 'close'])
    expect(socket.id).toBeUndefined()
  })

  test('leaves it to the one who has it by now', async () => {
    const server = await serve()
    const store = new Fake()
    const socket = connect(server, store)
    await socket.opened
    socket.close()
    await socket.closed
    store.saved = { ...empty, session: { id: 'another', token: 't' }, messages: ['a'] }
    store.asked.length = 0
    socket.end()
    await store.until('close')
    expect(store.asked.map(([name]) => name)).toEqual(['open', 'close'])
  })

  test('says nothing where it cannot be opened', async () => {
    const { server, store } = await kept()
    store.failing = 'open'
    const socket = new SessionSocket(server.url, { autoConnect: false, session: { store } })
    socket.end()
    await store.until('open')
    expect(socket.state).toBe('closed')
  })
})

test('a store that cannot be opened is asked again at each attempt', async () => {
  const server = await serve()
  const store = new Fake()
  store.failing = 'open'
  const socket = connect(server, store)
  await new Promise((resolve) => socket.on('error', resolve))
  store.failing = undefined
  await socket.delivered(socket.send('a'))
  expect(server.all).toHaveLength(1)
})

test('a store that opens late, and rejects first, is waited for', async () => {
  const server = await serve()
  const store = new Fake()
  let attempts = 0
  const late: SessionStore = {
    open: () =>
      new Promise((resolve, reject) =>
        setImmediate(() => (++attempts === 1 ? reject(new Error('not yet')) : resolve(store))),
      ),
  }
  store.saved = { session: undefined, received: 0, acked: 0, messages: ['before'] }
  const socket = connect(server, late)
  const number = socket.send('early')
  expect(number).toBe(1)
  await socket.delivered(number)
  expect(server.all[0]!.messages).toEqual(['before', 'early'])
  expect(server.all[0]!.numbers).toEqual([1, 2])
  expect(socket.send('later')).toBe(2)
})

test('a store that opens when nobody wants it any more is let go', async () => {
  const server = await serve()
  const store = new Fake()
  let open!: (store: OpenStore) => void
  let signal!: AbortSignal
  const socket = connect(server, {
    open: (given) => ((signal = given), new Promise((resolve) => (open = resolve))),
  })
  socket.close()
  await socket.closed
  expect(signal.aborted).toBe(true)
  store.failing = 'close'
  open(store)
  await store.until('close')
  expect(store.asked).toEqual([['close']])
})

test('a store whose wait is given up says nothing', async () => {
  const server = await serve()
  let reject!: (error: Error) => void
  const socket = connect(server, { open: () => new Promise((_, no) => (reject = no)) })
  socket.close()
  await socket.closed
  reject(new Error('aborted'))
  await new Promise((resolve) => setImmediate(resolve))
  expect(socket.state).toBe('closed')
})

test('what fails after the store was let go of changes nothing', async () => {
  const server = await serve()
  const store = new Fake()
  const socket = connect(server, store)
  await socket.opened
  const lost: unknown[] = []
  socket.on('lost', (detail) => lost.push(detail))
  let fail!: (error: Error) => void
  store.append = () => new Promise((_, reject) => (fail = reject))
  socket.send('a')
  socket.close()
  await socket.closed
  fail(new Error('too late'))
  await new Promise((resolve) => setImmediate(resolve))
  expect(lost).toEqual([])
})

test('a store that cannot be closed keeps nobody from closing', async () => {
  const server = await serve()
  const store = new Fake()
  const socket = connect(server, store)
  await socket.delivered(socket.send('a'))
  Object.assign(store, { failing: 'close', how: 'reject' })
  socket.close()
  await socket.closed
  await store.until('close')
  await new Promise((resolve) => setImmediate(resolve))
})

test('a session that the server has forgotten is cleared from the store, before the next one is named', async () => {
  const server = await serve()
  const store = new Fake()
  const socket = connect(server, store)
  await socket.delivered(socket.send('a'))
  const lost = new Promise((resolve) => socket.on('lost', resolve))
  server.forget()
  server.clients[0]!.terminate()
  await lost
  await socket.delivered(socket.send('b'))
  const order = store.asked.map(([name]) => name).filter((name) => name === 'clear' || name === 'name')
  expect(order).toEqual(['name', 'clear', 'name'])
  expect(store.asked).toContainEqual(['append', 1, 'b'])
})
