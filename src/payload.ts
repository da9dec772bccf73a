/** What can be sent: checking, measuring and copying it. */
import { InvalidArgumentError } from './errors.js'
import type { BlobLike, Sendable } from './options.js'
import { utf8Length } from './url.js'

/** Throws unless `data` is something a WebSocket can send as it is. */
export function checkPayload(data: unknown): asserts data is Sendable {
  if (typeof data === 'string' || isBlob(data)) return
  if (ArrayBuffer.isView(data)) return checkAttached(data.buffer)
  if (isArrayBuffer(data)) return checkAttached(data)
  throw new InvalidArgumentError(
    'data',
    'must be a string, an ArrayBuffer, a typed array, a DataView or a Blob',
  )
}

/** A buffer that was transferred elsewhere has no bytes any more, and says so only when it is touched. */
function checkAttached(buffer: ArrayBufferLike): void {
  if (buffer.byteLength > 0) return
  try {
    new Uint8Array(buffer)
  } catch {
    throw new InvalidArgumentError('data', 'is detached: its bytes were transferred elsewhere')
  }
}

/** Bytes on the wire, without framing. */
export function payloadSize(data: Sendable): number {
  if (typeof data === 'string') return utf8Length(data)
  return isBlob(data) ? data.size : data.byteLength
}

/** The same payload, safe from later mutation by its owner. Strings and Blobs cannot be mutated. */
export function copyOf(data: Sendable): Sendable {
  if (isArrayBuffer(data)) return data.slice(0)
  if (!ArrayBuffer.isView(data)) return data
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
}

// by their tags: what another realm has made, a frame or a test runner, is no instance of this one's classes
const tagOf = (data: unknown): string => Object.prototype.toString.call(data)

/** Whether it is an ArrayBuffer, and not a shared one. */
export function isArrayBuffer(data: unknown): data is ArrayBuffer {
  return tagOf(data) === '[object ArrayBuffer]'
}

/** Whether it is a Blob, or the File that is one too. */
export function isBlob(data: unknown): data is BlobLike {
  const tag = tagOf(data)
  return tag === '[object Blob]' || tag === '[object File]'
}
