/** A session in IndexedDB, with a stand-in for the browser: e2e/session.spec.ts has real ones. */
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { indexedDb } from '../../src/session/indexed-db/index.js'
import { SessionSocket } from '../../src/session/socket.js'
import type { OpenStore, ShareOptions } from '../../src/session/store.js'
import { TestServer } from './server.js'

/** `navigator.locks`, as far as it is used: by name, one at a time, in order. */
class Locks {
  /** Who waits for what is held. */
  readonly #held = new Map<string, (() => void)[]>()

  query(): Promise<unknown> {
    return shown
  }

  async request(
    name: string,
    { ifAvailable, signal }: { ifAvailable?: boolean; signal?: AbortSignal },
    use: (lock: object | null) => Promise<void> | void,
  ): Promise<void> {
    signal?.throwIfAborted()
    const waiting = this.#held.get(name)
    if (!waiting) this.#held.set(name, [])
    else if (ifAvailable) return use(null)
    else
      await new Promise<void>((resolve, reject) => {
        waiting.push(resolve)
        signal?.addEventListener('abort', () => {
          waiting.splice(waiting.indexOf(resolve), 1)
          reject(signal.reason as Error)
        })
      })
    await use({})
    const next = this.#held.get(name)!.shift()
    if (next) next()
    else this.#held.delete(name)
  }
}

let count = 0
let name: string
/** A page that is being prerendered gets no lock, and no answer about any, before it is shown. */
let shown: Promise<void>
const stores: OpenStore[] = []
beforeEach(() => {
  name = `test ${++count}`
  shown = Promise.resolve()
  vi.stubGlobal('navigator', { locks: new Locks() })
})
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  vi.unstubAllGlobals()
})

const never = new AbortController().signal
async function take(options?: ShareOptions, signal = never): Promise<OpenStore> {
  const store = await indexedDb(name, options).open(signal)
  stores.push(store)
  return store
}

/** What a tab keeps over its reloads. */
function stubTab(): Map<string, string> {
  const items = new Map<string, string>()
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => items.set(key, value),
  })
  return items
}

test('is the same one for a socket that closes it and connects again, also where no reload is remembered', async () => {
  const server = await new TestServer().start()
  const socket = new SessionSocket(server.url, { session: { store: indexedDb(name) } })
  try {
    await socket.opened
    const { id } = socket
    socket.terminate()
    socket.connect()
    await socket.opened
    expect(socket.id).toBe(id)
  } finally {
    socket.terminate()
    await server.kill()
  }
})

test('holds what was asked of it, in order, text and binary', async () => {
  const store = await take()
  expect(store.saved).toEqual({ session: undefined, received: 0, acked: 0, messages: [] })
  void store.append(1, 'one')
  void store.append(2, new Uint8Array([1, 2]))
  await store.append(3, '')
  void store.name({ id: 'i', token: 't' })
  void store.received(7)
  await store.forget(1)
  await store.close()
  stores.length = 0
  expect((await take()).saved).toEqual({
    session: { id: 'i', token: 't' },
    received: 7,
    acked: 1,
    messages: [new Uint8Array([1, 2]), ''],
  })
})

test('is empty after clear()', async () => {
  const store = await take()
  void store.append(1, 'one')
  await store.clear()
  await store.append(1, 'new')
  await store.close()
  stores.length = 0
  expect((await take()).saved).toEqual({ session: undefined, received: 0, acked: 0, messages: ['new'] })
})

test('what one turn asks for is one transaction', async () => {
  const store = await take()
  const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction')
  const all = Array.from({ length: 100 }, (_, i) => store.append(i + 1, 'x'))
  expect(new Set(all).size).toBe(1)
  await Promise.all(all)
  expect(transaction).toHaveBeenCalledTimes(1)
  transaction.mockRestore()
})

describe('in use', () => {
  test('it gives the second a session of its own, and the next one that is free', async () => {
    await (await take()).append(1, 'first')
    await (await take()).append(1, 'second')
    for (const store of stores.splice(0)) await store.close()
    expect((await take()).saved.messages).toEqual(['first'])
    expect((await take()).saved.messages).toEqual(['second'])
  })

  test('it lets the second wait until the first is gone, by option', async () => {
    const first = await take({ inUse: 'wait' })
    const second = take({ inUse: 'wait' })
    await first.append(1, 'first')
    await first.close()
    stores.length = 0
    expect((await second).saved.messages).toEqual(['first'])
  })

  test('it is not waited for any more when nobody wants it', async () => {
    await take({ inUse: 'wait' })
    const abort = new AbortController()
    const second = take({ inUse: 'wait' }, abort.signal)
    abort.abort(new Error('closed'))
    await expect(second).rejects.toMatchObject({ cause: { message: 'closed' } })
  })

  test('a tab has after its reload what it had before, also while the old page is going', async () => {
    const items = stubTab()
    await take()
    items.clear()
    const mine = await take()
    await mine.append(1, 'mine')
    const again = take()
    await mine.close()
    expect((await again).saved.messages).toEqual(['mine'])
  })

  test('a tab that was copied does not wait for ever, nor needs an engine that has AbortSignal.timeout', async () => {
    stubTab()
    vi.stubGlobal('AbortSignal', undefined)
    await (await take()).append(1, 'mine')
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const copy = take()
    await vi.advanceTimersByTimeAsync(1_999)
    expect(stores).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    vi.useRealTimers()
    expect((await copy).saved.messages).toEqual([])
  })

  test('a page that is prerendered for long has what its tab has, also if it has given up before', async () => {
    stubTab()
    const mine = await take()
    await mine.append(1, 'mine')
    let show!: () => void
    shown = new Promise((resolve) => (show = resolve))
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const abort = new AbortController()
    const first = take({}, abort.signal)
    const again = take()
    await vi.advanceTimersByTimeAsync(10_000)
    vi.useRealTimers()
    abort.abort()
    show()
    await expect(first).rejects.toMatchObject({ code: 'ERR_SESSION_STORE', cause: { name: 'AbortError' } })
    await mine.close()
    expect((await again).saved.messages).toEqual(['mine'])
  })

  test('a page in a sandbox has no sessionStorage', async () => {
    const refuse = (): never => {
      throw new Error('SecurityError')
    }
    vi.stubGlobal('sessionStorage', { getItem: refuse, setItem: refuse })
    expect((await take()).saved.messages).toEqual([])
  })
})

describe('closed by a page that enters the back/forward cache', () => {
  let page: EventTarget
  beforeEach(() => {
    page = new EventTarget()
    for (const name of ['addEventListener', 'removeEventListener'] as const)
      vi.stubGlobal(name, page[name].bind(page))
  })
  const hide = (persisted = true): void => {
    page.dispatchEvent(Object.assign(new Event('pagehide'), { persisted }))
  }

  test('it takes back what that page could not end, and what it has not begun', async () => {
    const store = await take()
    await store.append(1, 'stored')
    const begun = store.append(2, 'begun')
    // its transaction begins behind the turn's operations
    await Promise.resolve()
    const late = store.append(3, 'late')
    stores.length = 0
    hide()
    await expect(store.close()).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
    await expect(begun).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
    await expect(late).rejects.toMatchObject({ cause: { name: 'InvalidStateError' } })
    expect((await take()).saved.messages).toEqual(['stored'])
  })

  test('it takes back the same if it was closed before, by whoever left the page', async () => {
    const store = await take()
    await store.append(1, 'stored')
    const begun = store.append(2, 'begun')
    await Promise.resolve()
    stores.length = 0
    const closed = store.close()
    hide()
    await expect(closed).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
    await expect(begun).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
    expect((await take()).saved.messages).toEqual(['stored'])
  })

  test('of a page that goes for good, it takes back nothing', async () => {
    const store = await take()
    const begun = store.append(1, 'stored')
    await Promise.resolve()
    hide(false)
    await store.close()
    await begun
  })

  test('and that comes back with its store still open, each time, goes on with it', async () => {
    const store = await take()
    for (let n = 1; n <= 3; n++) {
      hide()
      await new Promise((resolve) => setTimeout(resolve))
      await store.append(n, `${n}`)
    }
    const begun = store.append(4, '4')
    await Promise.resolve()
    stores.length = 0
    await store.close()
    await begun
    expect((await take()).saved.messages).toEqual(['1', '2', '3', '4'])
  })

  test('it leaves no listener behind', async () => {
    const [add, remove] = [
      vi.spyOn(globalThis, 'addEventListener'),
      vi.spyOn(globalThis, 'removeEventListener'),
    ]
    await (await take()).close()
    expect(add).toHaveBeenCalledOnce()
    expect(remove.mock.calls).toEqual(add.mock.calls)
  })

  test('it keeps what is being committed', async () => {
    const store = await take()
    const written = store.append(1, 'stored')
    await Promise.resolve()
    const abort = vi.spyOn(IDBTransaction.prototype, 'abort').mockImplementation(() => {
      throw new DOMException('it is being committed', 'InvalidStateError')
    })
    stores.length = 0
    hide()
    await store.close()
    expect(abort).toHaveBeenCalledOnce()
    abort.mockRestore()
    await written
    expect((await take()).saved.messages).toEqual(['stored'])
  })

  test('it has nothing to take back of what is stored', async () => {
    const store = await take()
    await store.append(1, 'stored')
    const abort = vi.spyOn(IDBTransaction.prototype, 'abort')
    stores.length = 0
    hide()
    await store.close()
    expect(abort).not.toHaveBeenCalled()
    abort.mockRestore()
    expect((await take()).saved.messages).toEqual(['stored'])
  })
})

describe('is a typed error', () => {
  test.each([
    ['without navigator', () => vi.stubGlobal('navigator', undefined)],
    ['without locks', () => vi.stubGlobal('navigator', {})],
    ['without IndexedDB', () => vi.stubGlobal('indexedDB', undefined)],
  ])('%s', async (_what, stub) => {
    stub()
    await expect(take()).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
  })

  test('where the engine refuses the lock', async () => {
    const request = (): Promise<never> => Promise.reject(new DOMException('no', 'SecurityError'))
    vi.stubGlobal('navigator', { locks: { request, query: request } })
    await expect(take()).rejects.toMatchObject({
      code: 'ERR_SESSION_STORE',
      cause: { name: 'SecurityError' },
    })
  })

  test('where it cannot be opened, and the lock is free again', async () => {
    const open = vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new Error('blocked')
    })
    await expect(take()).rejects.toMatchObject({ code: 'ERR_SESSION_STORE', cause: { message: 'blocked' } })
    open.mockRestore()
    expect((await take({ inUse: 'wait' })).saved.messages).toEqual([])
  })

  test('where it cannot be written, and it is closed nevertheless', async () => {
    const store = await take()
    stores.length = 0
    await expect(store.append(1, (() => {}) as never)).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(() => {
      throw new Error('quota')
    })
    await expect(store.append(2, 'x')).rejects.toMatchObject({
      code: 'ERR_SESSION_STORE',
      cause: { message: 'quota' },
    })
    transaction.mockRestore()
    await expect(store.close()).rejects.toThrow('cannot be written')
    expect((await take({ inUse: 'wait' })).saved.messages).toEqual([])
  })

  test('where a message cannot be cloned: nothing of its turn is written, and the store can be opened again', async () => {
    const store = await take()
    const both = [store.append(1, 'one'), store.append(2, (() => {}) as never)]
    for (const written of both)
      await expect(written).rejects.toMatchObject({ cause: { name: 'DataCloneError' } })
    stores.length = 0
    await expect(store.close()).rejects.toThrow('cannot be written')
    expect((await take({ inUse: 'wait' })).saved.messages).toEqual([])
  })

  test('where the database is deleted, or becomes one of a newer version, while it is open: it stands in nobody’s way', async () => {
    const store = await take()
    await store.append(1, 'x')
    const gone = indexedDB.deleteDatabase(`everopen-session:${name}`)
    await new Promise((resolve, reject) => {
      gone.onsuccess = resolve
      gone.onblocked = () => reject(new Error('blocked'))
    })
    await expect(store.append(2, 'y')).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
    stores.length = 0
    await expect(store.close()).rejects.toThrow('cannot be written')
    expect((await take({ inUse: 'wait' })).saved.messages).toEqual([])
  })

  test('where a request fails: the transaction says so, and nothing else', async () => {
    const store = await take()
    await store.append(1, 'x')
    // a key that is there already
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore) {
      return this.add('x', this.name === 'messages' ? [0, 1] : 0)
    })
    await expect(store.append(2, 'y')).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
    put.mockRestore()
    stores.length = 0
    await expect(store.close()).rejects.toThrow('cannot be written')
  })

  test('for bad arguments', () => {
    expect(() => indexedDb('')).toThrow('name must be a string')
    expect(() => indexedDb(1 as never)).toThrow('name must be a string')
    expect(() => indexedDb('a', { inUse: 'both' as never })).toThrow('inUse must be one of own, wait')
  })
})
