/** `everopen/session/file`: a store in an SQLite file, for Node, using `better-sqlite3`. */
import { closeSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import { InvalidArgumentError, MissingPackageError } from '../../diagnostics/errors.js'
import { fields, oneOf } from '../../options/rules.js'
import { SessionStoreError } from '../errors.js'
import type { SessionName } from '../protocol/wire.js'
import type { OpenStore, Payload, SavedSession, SessionStore, ShareOptions } from '../store.js'

/** Polling interval while waiting for a file in use, in ms. */
const PACE = 100

export interface FileOptions extends ShareOptions {
  /**
   * `normal` (default) survives a crash of the process. `full` also survives a crash of the machine, at the cost of one
   * disk write per message.
   */
  readonly synchronous?: 'normal' | 'full' | undefined
}

const checkOptions = fields<FileOptions>({
  inUse: oneOf('own', 'wait'),
  synchronous: oneOf('normal', 'full'),
})

/**
 * Returns a store that keeps a session in a file, so that a crash of the process loses nothing: `send()` writes the
 * message before it returns. Pass it as `session.store`. Only the file's owner can read it, because it contains the
 * session's token.
 *
 * Needs the package `better-sqlite3`.
 * @param path Path of the file; SQLite creates two more files next to it. By default, a second process that uses the
 * same path gets `path-2`, and so on; see `inUse`.
 * @throws InvalidArgumentError; MissingPackageError if the package is not installed.
 */
export function file(path: string, options: FileOptions = {}): SessionStore {
  if (typeof path !== 'string' || path === '') throw new InvalidArgumentError('path', 'must be a path')
  checkOptions('options', options)
  const { inUse, synchronous = 'normal' } = options
  const SQLite = loadSQLite()
  const tryOpen = (name: string): OpenStore | undefined => open(SQLite, name, synchronous)
  return {
    open: (signal) => (inUse === 'wait' ? wait(path, tryOpen, signal) : own(path, tryOpen)),
  }
}

/** In a `try`, so that bundlers treat it as optional. */
function loadSQLite(): typeof Database {
  try {
    return createRequire(import.meta.url)('better-sqlite3') as typeof Database
  } catch (cause) {
    throw new MissingPackageError('better-sqlite3', 'a store in a file', cause)
  }
}

type TryOpen = (path: string) => OpenStore | undefined

function own(path: string, tryOpen: TryOpen): OpenStore {
  for (let slot = 1; ; slot++) {
    const store = tryOpen(slot === 1 ? path : `${path}-${slot}`)
    if (store) return store
  }
}

async function wait(path: string, tryOpen: TryOpen, signal: AbortSignal): Promise<OpenStore> {
  for (;;) {
    const store = tryOpen(path)
    if (store) return store
    await sleep(PACE, undefined, { signal })
  }
}

/** Returns `undefined` if the file is in use. */
function open(SQLite: typeof Database, path: string, synchronous: string): OpenStore | undefined {
  let db: Database.Database | undefined
  try {
    closeSync(openSync(path, 'a', 0o600))
    db = new SQLite(path, { timeout: 0 })
    // SQLite's lock, held while the file is open and released if the process dies
    db.pragma('locking_mode = EXCLUSIVE')
    db.pragma('journal_mode = WAL')
    db.pragma(`synchronous = ${synchronous}`)
    db.exec(`
      CREATE TABLE IF NOT EXISTS session (
        one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT, token TEXT, received INTEGER NOT NULL, acked INTEGER NOT NULL
      );
      CREATE TABLE IF NOT EXISTS message (number INTEGER PRIMARY KEY, data NOT NULL);
      INSERT OR IGNORE INTO session VALUES (1, NULL, NULL, 0, 0);
    `)
    return new FileStore(db)
  } catch (error) {
    db?.close()
    if ((error as { code?: unknown }).code === 'SQLITE_BUSY') return undefined
    throw new SessionStoreError('cannot be opened', error)
  }
}

interface Row {
  readonly id: string | null
  readonly token: string | null
  readonly received: number
  readonly acked: number
}

class FileStore implements OpenStore {
  readonly saved: SavedSession
  readonly #db: Database.Database
  readonly #append: Database.Statement
  readonly #received: Database.Statement

  constructor(db: Database.Database) {
    this.#db = db
    this.#append = db.prepare('INSERT INTO message VALUES (?, ?)')
    this.#received = db.prepare('UPDATE session SET received = ?')
    const { id, token, received, acked } = db.prepare('SELECT * FROM session').get() as Row
    const messages = db.prepare('SELECT data FROM message ORDER BY number').pluck().all() as Payload[]
    this.saved = {
      session: id === null ? undefined : { id, token: token! },
      received,
      acked,
      messages,
    }
  }

  append(number: number, data: Payload): void {
    this.#append.run(number, typeof data === 'string' ? data : bytesOf(data))
  }

  forget(number: number): void {
    this.#db.transaction(() => {
      this.#db.prepare('DELETE FROM message WHERE number <= ?').run(number)
      this.#db.prepare('UPDATE session SET acked = ?').run(number)
    })()
  }

  received(number: number): void {
    this.#received.run(number)
  }

  name({ id, token }: SessionName): void {
    this.#db.prepare('UPDATE session SET id = ?, token = ?').run(id, token)
  }

  clear(): void {
    this.#db.exec(
      'BEGIN; DELETE FROM message; UPDATE session SET id = NULL, token = NULL, received = 0, acked = 0; COMMIT',
    )
  }

  close(): void {
    this.#db.close()
  }
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Buffer {
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data)
}
