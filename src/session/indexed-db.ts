/** A store in a browser's IndexedDB. A Web Lock restricts it to one page or worker at a time. */
import { openDB, type IDBPDatabase } from 'idb'
import { InvalidArgumentError } from '../diagnostics/errors.js'
import { fields, oneOf } from '../options/rules.js'
import { SessionStoreError } from './errors.js'
import type { SessionName } from './protocol/wire.js'
import type { OpenStore, Payload, SavedSession, SessionStore, ShareOptions } from './store.js'

/** How long a reloaded page waits for its predecessor to release the lock, in ms. */
const RELOAD = 2_000
/** Object stores: messages by slot and number, and the other data of a session by slot. */
const [MESSAGES, SESSIONS] = ['messages', 'sessions']

interface Meta {
  session: SessionName | undefined
  received: number
  acked: number
}

type Operation = (db: Objects) => Promise<unknown>
interface Objects {
  readonly messages: {
    put(value: unknown, key: unknown): Promise<unknown>
    delete(key: unknown): Promise<void>
  }
  readonly sessions: {
    put(value: unknown, key: unknown): Promise<unknown>
    delete(key: unknown): Promise<void>
  }
}

/** Releases a lock. */
type Release = () => void

const checkShare = fields<ShareOptions>({ inUse: oneOf('own', 'wait') })

/**
 * Returns a store that keeps a session in IndexedDB, so that a reload, a crash or closing the browser loses no stored
 * message. `send()` stores a message within milliseconds and transmits it only after that. Pass it as `session.store`.
 *
 * By default, each open page has its own session; see `inUse`. Needs `navigator.locks`, which exists only on `https:`
 * pages and on localhost.
 * @param name Identifies the session. Include the user, so that users do not get each other's sessions.
 */
export function indexedDb(name: string, options: ShareOptions = {}): SessionStore {
  if (typeof name !== 'string' || name === '') throw new InvalidArgumentError('name', 'must be a string')
  checkShare('options', options)
  return { open: (signal) => open(`everopen-session:${name}`, options.inUse === 'wait', signal) }
}

async function open(name: string, wait: boolean, signal: AbortSignal): Promise<OpenStore> {
  const locks = (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks
  if (!locks || !globalThis.indexedDB)
    throw new SessionStoreError(
      'needs IndexedDB and navigator.locks, which exist only on https: pages and localhost',
    )
  let release: Release | undefined
  try {
    const taken = await take(locks, name, wait, signal)
    release = taken.release
    const db = await openDB(name, 1, {
      upgrade(db) {
        db.createObjectStore(MESSAGES)
        db.createObjectStore(SESSIONS)
      },
    })
    // whoever deletes it, or has a newer version, would wait for this page; the next write fails
    db.onversionchange = () => db.close()
    return new IndexedDbStore(db, taken.slot, release, await read(db, taken.slot))
  } catch (error) {
    release?.()
    throw new SessionStoreError('cannot be opened', error)
  }
}

/**
 * Takes the lock of a slot: of the first with `wait`; otherwise of the slot used before a reload, or of any free one.
 */
async function take(
  locks: LockManager,
  name: string,
  wait: boolean,
  signal: AbortSignal,
): Promise<{ slot: number; release: Release }> {
  if (wait) return { slot: 0, release: (await lock(locks, `${name}:0`, { signal }))! }
  const before = remembered(name)
  if (before !== undefined) {
    // AbortSignal.timeout() is newer than some of the supported engines
    const soon = new AbortController()
    setTimeout(() => soon.abort(), RELOAD)
    const release = await lock(locks, `${name}:${before}`, { signal: soon.signal }).catch(() => undefined)
    if (release) return { slot: before, release }
  }
  for (let slot = 0; ; slot++) {
    const release = await lock(locks, `${name}:${slot}`, { ifAvailable: true })
    if (!release) continue
    remember(name, slot)
    return { slot, release }
  }
}

function lock(locks: LockManager, name: string, options: LockOptions): Promise<Release | undefined> {
  return new Promise((resolve, reject) => {
    locks
      .request(name, options, (held) => {
        if (!held) return resolve(undefined)
        return new Promise<void>((release) => resolve(release))
      })
      .catch(reject)
  })
}

// per tab, across reloads; workers have no sessionStorage, and sandboxed pages may not either
function remembered(name: string): number | undefined {
  try {
    const slot = sessionStorage.getItem(name)
    return slot === null ? undefined : Number(slot)
  } catch {
    return undefined
  }
}

function remember(name: string, slot: number): void {
  try {
    sessionStorage.setItem(name, String(slot))
  } catch {
    // without it, the first free slot is used
  }
}

// Each transaction is committed by a call. Without, it waits for a page to hear of its requests, and a page that is in
// the back/forward cache by then would keep all others from the store.

const range = (slot: number, to: number): IDBKeyRange => IDBKeyRange.bound([slot, 0], [slot, to])

async function read(db: IDBPDatabase, slot: number): Promise<SavedSession> {
  const transaction = db.transaction([MESSAGES, SESSIONS])
  const reading = Promise.all([
    transaction.objectStore(SESSIONS).get(slot),
    transaction.objectStore(MESSAGES).getAll(range(slot, Infinity)),
    transaction.done,
  ])
  transaction.commit()
  const [meta, messages] = (await reading) as [Meta | undefined, Payload[], void]
  return { ...(meta ?? { session: undefined, received: 0, acked: 0 }), messages }
}

function ignore(): void {}

class IndexedDbStore implements OpenStore {
  readonly saved: SavedSession
  readonly #db: IDBPDatabase
  readonly #slot: number
  readonly #release: Release
  #meta: Meta
  /** The operations of the next transaction: all of the current turn. */
  #operations: (Operation | undefined)[] = []
  #written: Promise<void> = Promise.resolve()

  constructor(db: IDBPDatabase, slot: number, release: Release, saved: SavedSession) {
    this.#db = db
    this.#slot = slot
    this.#release = release
    this.saved = saved
    const { session, received, acked } = saved
    this.#meta = { session, received, acked }
  }

  append(number: number, data: Payload): Promise<void> {
    return this.#write(({ messages }) => messages.put(data, [this.#slot, number]))
  }

  forget(number: number): Promise<void> {
    this.#meta.acked = number
    return this.#write(({ messages }) => messages.delete(range(this.#slot, number)))
  }

  received(number: number): Promise<void> {
    this.#meta.received = number
    return this.#write()
  }

  name(session: SessionName): Promise<void> {
    this.#meta.session = session
    return this.#write()
  }

  clear(): Promise<void> {
    this.#meta = { session: undefined, received: 0, acked: 0 }
    return this.#write(({ messages }) => messages.delete(range(this.#slot, Infinity)))
  }

  async close(): Promise<void> {
    try {
      await this.#written
    } finally {
      this.#db.close()
      this.#release()
    }
  }

  #write(operation?: Operation): Promise<void> {
    if (this.#operations.length === 0) this.#written = this.#transact()
    this.#operations.push(operation)
    return this.#written
  }

  async #transact(): Promise<void> {
    // after all operations of this turn
    await Promise.resolve()
    const operations = this.#operations
    this.#operations = []
    try {
      const transaction = this.#db.transaction([MESSAGES, SESSIONS], 'readwrite')
      const objects: Objects = {
        messages: transaction.objectStore(MESSAGES),
        sessions: transaction.objectStore(SESSIONS),
      }
      // a failure aborts the transaction, which reports it
      for (const operation of operations) operation?.(objects).catch(ignore)
      objects.sessions.put({ ...this.#meta }, this.#slot).catch(ignore)
      transaction.commit()
      await transaction.done
    } catch (error) {
      throw new SessionStoreError('cannot be written', error)
    }
  }
}
