/** What can be sent: checking, measuring and copying it. */
import { InvalidArgumentError } from '../diagnostics/errors.js'

/** The part of `Blob` that is used. */
export interface BlobLike {
  /** Its bytes. */
  readonly size: number
  /** Its media type. */
  readonly type: string
  /** Reads it. */
  arrayBuffer(): Promise<ArrayBuffer>
}

/** What arrives: text as a string, binary as `binaryType` says. */
export type Data = string | ArrayBuffer | BlobLike

/** What can be sent. Buffers are copied where they have to wait, so that later changes to them are not sent. */
export type Sendable = string | ArrayBuffer | ArrayBufferView | BlobLike

/** Throws unless `data` is something a WebSocket can send as it is. */
export function checkPayload(data: unknown): asserts data is Sendable {
  if (ArrayBuffer.isView(data)) return checkAttached(data.buffer)
  if (typeof data === 'string' || isBlob(data)) return
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
  // by far the most; to ask a string for its tag takes longer than all the rest
  if (typeof data === 'string') return data
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
  return isArrayBuffer(data) ? data.slice(0) : data
}

// by their tags: what another realm has made, a frame or a test runner, is no instance of this one's classes
const tagOf = (data: unknown): string => Object.prototype.toString.call(data)

/** Whether it is an ArrayBuffer, and not a shared one. */
export function isArrayBuffer(data: unknown): data is ArrayBuffer {
  return tagOf(data) === '[object ArrayBuffer]'
}

/** Whether it is a Blob, or the File that is one too. */
export function isBlob(data: unknown): data is BlobLike {
  // the quick answer for what is sent most
  if (ArrayBuffer.isView(data)) return false
  const tag = tagOf(data)
  return tag === '[object Blob]' || tag === '[object File]'
}

/** Most texts are this, and an engine finds it out several times quicker than a loop can count. */
const ascii = /^[\0-\x7f]*$/

/** Bytes of a string in UTF-8. A lone surrogate counts 3, as the replacement character that is sent for it. */
export function utf8Length(text: string): number {
  let bytes = text.length
  if (ascii.test(text)) return bytes
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    bytes += unit < 0x800 ? 1 : 2
    // a surrogate pair is two units in four bytes: the second unit adds nothing of its own
    if ((unit & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i++
  }
  return bytes
}
