/** The size of messages. */
import type { Payload } from './store.js'

/** Size of a payload in bytes. */
export function sizeOf(data: Payload): number {
  return typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength
}
