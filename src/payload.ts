/** What can be sent: checking, measuring and copying it. */
import { InvalidArgumentError } from './errors.js'
import type { BlobLike, Sendable } from './options.js'
import { utf8Length } from './url.js'

/** Throws unless `data` is something a WebSocket can send as it is. */
export function checkPayload(data: unknown): asserts data is Sendable {
  if (typeof data === 'string' || data instanceof ArrayBuffer || ArrayBuffer.isView(data) || isBlob(data))
    return
  throw new InvalidArgumentError(
    'data',
    'must be a string, an ArrayBuffer, a typed array, a DataView or a Blob',
  )
}

/** Bytes on the wire, without framing. */
export function payloadSize(data: Sendable): number {
  if (typeof data === 'string') return utf8Length(data)
  return isBlob(data) ? data.size : data.byteLength
}

/** The same payload, safe from later mutation by its owner. Strings and Blobs cannot be mutated. */
export function copyOf(data: Sendable): Sendable {
  if (data instanceof ArrayBuffer) return data.slice(0)
  if (!ArrayBuffer.isView(data)) return data
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
}

function isBlob(data: unknown): data is BlobLike {
  return typeof Blob !== 'undefined' && data instanceof Blob
}
