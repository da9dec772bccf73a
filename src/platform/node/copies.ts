/** Copies of messages while they wait in a stream: what the sender does to its buffers afterwards does not matter. */
import { copyOf, type Sendable } from '../../delivery/payload.js'

/** Largest copy, in bytes, for which the shared memory of Node's Buffer pool is used. */
const SMALL = 1_024

/** Like `copyOf()`, but faster: small copies share memory, so they must not be handed out. */
export function keep(data: Sendable): Sendable {
  return data instanceof Uint8Array && data.length <= SMALL ? Buffer.from(data) : copyOf(data)
}

/** A kept message as a copy of its own. */
export function unshared(data: Sendable): Sendable {
  return Buffer.isBuffer(data) ? copyOf(data) : data
}
