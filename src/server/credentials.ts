/** A session's id and token. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { SessionName } from '../session/protocol/wire.js'

/** A new id of 96 bits, which is not secret, and a secret token of 128 bits. */
export function newName(): SessionName {
  return { id: randomBytes(12).toString('base64url'), token: randomBytes(16).toString('base64url') }
}

/** Whether it can be an id, checked before asking a store. */
export function isId(id: unknown): id is string {
  return typeof id === 'string' && /^[\w-]{1,64}$/.test(id)
}

/** The stored form of a token: reading the store is not enough to resume a session. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** Whether a token matches its stored hash. Takes constant time. */
export function matches(token: string, hash: string): boolean {
  const [given, kept] = [Buffer.from(hashOf(token)), Buffer.from(hash)]
  return given.length === kept.length && timingSafeEqual(given, kept)
}
