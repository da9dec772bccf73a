/** Stores that are slow, that fail, and that belong to somebody else meanwhile. */
import { afterEach, describe, expect, test } from 'vitest'
import { SessionStoreError } from '../../src/session/errors.js'
import { SessionSocket } from '../../src/session/socket.js'
import type { OpenStore, SavedSession, SessionStore } from '../../src/session/store.js'
import { TestServer } from './server.js'

const stops: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function serve(): Promise<TestServer> {
  const server = await new TestServer().start()
  stops.push(() => server.kill())
  return server
}

function connect(server: TestServer, store: SessionStore): SessionSocket {
  const socket = new SessionSocket(server.url, {
    retry: { backoff: { type: 'constant', base: 20 } },
    session: { store },
  })
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
  readonly #pending: (() => void)[] = []

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
    for (const resolve of this.#pending.splice(0)) resolve()
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
    if (this.slow) return new Promise((resolve) => this.#pending.push(resolve))
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

test('messages that come while the name is on its way into the store are heard', async () => {
  const server = await serve()
  const store = new Fake()
  store.slow = true
  const socket = connect(server, store)
  const heard: unknown[] = []
  socket.on('message', (data) => heard.push(data))
  await store.until('name')
  server.all[0]!.send('a')
  server.all[0]!.send('b')
  while (heard.length < 2) await new Promise((resolve) => socket.on('message', resolve))
  expect(socket.state).toBe('connecting')
  store.done()
  await socket.opened
  expect(heard).toEqual(['a', 'b'])
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
