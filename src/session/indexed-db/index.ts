/** A store in a browser's IndexedDB. */
import { InvalidArgumentError } from '../../diagnostics/errors.js'
import { fields, oneOf } from '../../options/rules.js'
import { SessionStoreError } from '../errors.js'
import type { SessionName } from '../protocol/wire.js'
import type { OpenStore, Payload, SavedSession, SessionStore, ShareOptions } from '../store.js'
import {
  type Database,
  type Meta,
  openDatabase,
  type Operation,
  range,
  read,
  type Transaction,
  write,
} from './database.js'
import { type Release, take } from './slots.js'

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
  if (!locks)
    throw new SessionStoreError('needs navigator.locks, which exists only on https: pages and localhost')
  let release: Release | undefined
  let db: Database | undefined
  try {
    const taken = await take(locks, name, wait, signal)
    release = taken.release
    db = await openDatabase(name)
    return new IndexedDbStore(db, taken.slot, release, await read(db, taken.slot))
  } catch (error) {
    db?.close()
    release?.()
    throw new SessionStoreError('cannot be opened', error)
  }
}

class IndexedDbStore implements OpenStore {
  readonly saved: SavedSession
  readonly #db: Database
  readonly #slot: number
  readonly #release: Release
  #meta: Meta
  /** The operations of the next transaction: all of the current turn, if it has any. */
  #operations: Operation[] | undefined
  /** Those under way, each with a function that fails it. */
  readonly #transactions = new Map<Transaction, () => void>()
  #written: Promise<void> = Promise.resolve()
  /** Whether the store is being closed, or its page enters the back/forward cache. */
  #ending = false
  readonly #hidden = ({ persisted }: { readonly persisted?: boolean }): void => {
    if (!persisted) return
    this.#end()
    // no timer runs before the page is back: if nobody has closed the store until then, it goes on
    setTimeout(() => (this.#ending = false))
  }

  constructor(db: Database, slot: number, release: Release, saved: SavedSession) {
    this.#db = db
    this.#slot = slot
    this.#release = release
    this.saved = saved
    const { session, received, acked } = saved
    this.#meta = { session, received, acked }
    // before the listeners of the page, which may close the socket
    globalThis.addEventListener?.('pagehide', this.#hidden, true)
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
    this.#end()
    try {
      await this.#written
    } finally {
      this.#db.close()
      this.#release()
      globalThis.removeEventListener?.('pagehide', this.#hidden, true)
    }
  }

  /**
   * The store is being closed, or its page enters the back/forward cache. When both have happened, undoes what would keep
   * others from the store: such a page can finish nothing.
   */
  #end(): void {
    if (!this.#ending) return void (this.#ending = true)
    // WebKit takes the lock away, but leaves the transactions to a page that cannot end them
    for (const [transaction, fail] of this.#transactions)
      try {
        transaction.abort()
        // WebKit does not always report it
        fail()
      } catch {
        // it is being committed
      }
    this.#db.close()
  }

  #write(operation?: Operation): Promise<void> {
    if (!this.#operations) this.#written = this.#transact((this.#operations = []))
    if (operation) this.#operations.push(operation)
    return this.#written
  }

  async #transact(operations: Operation[]): Promise<void> {
    // after all operations of this turn
    await Promise.resolve()
    this.#operations = undefined
    try {
      const transaction = write(this.#db, [
        ...operations,
        ({ sessions }) => sessions.put({ ...this.#meta }, this.#slot),
      ])
      await new Promise<void>((resolve, reject) => {
        this.#transactions.set(transaction, reject)
        transaction.done.then(resolve, reject)
      }).finally(() => this.#transactions.delete(transaction))
    } catch (error) {
      throw new SessionStoreError('cannot be written', error)
    }
  }
}
