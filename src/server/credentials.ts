/** What names a session, and what proves that it is one's own. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { SessionName } from '../session/protocol/wire.js'

/** A session's name: 96 bits that may be shown, and 128 that are a secret. */
export function newName(): SessionName {
  return { id: randomBytes(12).toString('base64url'), token: randomBytes(16).toString('base64url') }
}

/** Whether it may name a session, before a store is asked for it. */
export function isId(id: unknown): id is string {
  return typeof id === 'string' && /^[\w-]{1,64}$/.test(id)
}

/** What is kept of a token: whoever reads the store can resume nothing. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** Whether a token is the one of which `hash` is kept. Takes the same time wherever they differ. */
export function matches(token: string, hash: string): boolean {
  const [given, kept] = [Buffer.from(hashOf(token)), Buffer.from(hash)]
  return given.length === kept.length && timingSafeEqual(given, kept)
}
