/** The database: its object stores and transactions. */
import { openDB, type IDBPDatabase, type IDBPObjectStore, type IDBPTransaction } from 'idb'
import type { SessionName } from '../protocol/wire.js'
import type { Payload, SavedSession } from '../store.js'

/** Object stores: messages by slot and number, and the other data of a session by slot. */
const [MESSAGES, SESSIONS] = ['messages', 'sessions']

export type Database = IDBPDatabase
export type Transaction = IDBPTransaction<unknown, string[], 'readwrite'>

/** What is stored of a session besides its messages. */
export interface Meta {
  session: SessionName | undefined
  received: number
  acked: number
}

type Objects = Record<'messages' | 'sessions', IDBPObjectStore<unknown, string[], string, 'readwrite'>>
export type Operation = (objects: Objects) => Promise<unknown>

/** The keys of a slot's messages up to a number. */
export const range = (slot: number, to: number): IDBKeyRange => IDBKeyRange.bound([slot, 0], [slot, to])

export async function openDatabase(name: string): Promise<Database> {
  const db = await openDB(name, 1, {
    upgrade(db) {
      db.createObjectStore(MESSAGES)
      db.createObjectStore(SESSIONS)
    },
  })
  // whoever deletes it, or has a newer version, would wait for this page; the next write fails
  db.onversionchange = () => db.close()
  return db
}

/** Reads a slot. */
export async function read(db: Database, slot: number): Promise<SavedSession> {
  const transaction = db.transaction([MESSAGES, SESSIONS])
  const reading = Promise.all([
    transaction.objectStore(SESSIONS).get(slot),
    transaction.objectStore(MESSAGES).getAll(range(slot, Infinity)),
    transaction.done,
  ])
  // does not wait for this page, which may be suspended meanwhile, and would keep others from writing
  transaction.commit()
  const [meta, messages] = (await reading) as [Meta | undefined, Payload[], void]
  return { ...(meta ?? { session: undefined, received: 0, acked: 0 }), messages }
}

/**
 * Performs operations in one transaction. If one fails, none has an effect: the transaction reports it.
 *
 * Nothing commits it by a call: when its page goes away, WebKit would commit a part of it.
 */
export function write(db: Database, operations: readonly Operation[]): Transaction {
  const transaction = db.transaction([MESSAGES, SESSIONS], 'readwrite')
  const objects: Objects = {
    messages: transaction.objectStore(MESSAGES),
    sessions: transaction.objectStore(SESSIONS),
  }
  try {
    for (const operation of operations) operation(objects).catch(ignore)
  } catch (error) {
    transaction.done.catch(ignore)
    transaction.abort()
    throw error
  }
  return transaction
}

function ignore(): void {}
