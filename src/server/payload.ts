/** What a message weighs. */
import type { Payload } from './store.js'

/** Bytes of a payload on the wire. */
export function sizeOf(data: Payload): number {
  return typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength
}
