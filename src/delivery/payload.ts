/** Data that can be sent: checks, size and copies. */
import { InvalidArgumentError } from '../diagnostics/errors.js'

/** The part of `Blob` that everopen uses. */
export interface BlobLike {
  /** Its bytes. */
  readonly size: number
  /** Its media type. */
  readonly type: string
  /** Reads it. */
  arrayBuffer(): Promise<ArrayBuffer>
}

/** Received data: a string, or binary data as set by `binaryType`. */
export type Data = string | ArrayBuffer | BlobLike

/** Data that can be sent. Queued buffers are copied, so later changes to them have no effect. */
export type Sendable = string | ArrayBuffer | ArrayBufferView | BlobLike

/** Throws unless a WebSocket can send `data`. */
export function checkPayload(data: unknown): asserts data is Sendable {
  if (typeof data === 'string' || (data instanceof Uint8Array && data.length > 0)) return
  if (ArrayBuffer.isView(data) || isArrayBuffer(data)) return checkAttached(data)
  if (isBlob(data)) return
  throw new InvalidArgumentError(
    'data',
    'must be a string, an ArrayBuffer, a typed array, a DataView or a Blob',
  )
}

/** Throws if a buffer is detached, or a view beyond the end of its buffer. */
function checkAttached(data: ArrayBufferView | ArrayBuffer): void {
  try {
    // that of such a DataView throws, and so does each method of such an array
    if (data.byteLength === 0)
      new Uint8Array((data as { at?(index: 0): undefined }).at?.(0) ?? (data as ArrayBuffer))
  } catch {
    throw new InvalidArgumentError(
      'data',
      'is detached: its bytes were transferred elsewhere, or its buffer has shrunk',
    )
  }
}

/** Size on the wire in bytes, without framing. */
export function payloadSize(data: Sendable): number {
  if (typeof data === 'string') return utf8Length(data)
  return isBlob(data) ? data.size : data.byteLength
}

/** A copy that is safe from later mutation. Strings and Blobs are immutable. */
export function copyOf(data: Sendable): Sendable {
  // by far the most common, and reading a string's tag is slow
  if (typeof data === 'string') return data
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
  return isArrayBuffer(data) ? data.slice(0) : data
}

// by tag: objects from another realm, such as a frame or a test runner, are not instances of this realm's classes
const tagOf = (data: unknown): string => Object.prototype.toString.call(data)

/** Whether it is an ArrayBuffer, but not a SharedArrayBuffer. */
export function isArrayBuffer(data: unknown): data is ArrayBuffer {
  // by class first, because that takes a tenth of the time
  return data instanceof ArrayBuffer || tagOf(data) === '[object ArrayBuffer]'
}

/** Whether it is a Blob or a File. */
export function isBlob(data: unknown): data is BlobLike {
  // fast path for the most common types
  if (ArrayBuffer.isView(data) || data instanceof ArrayBuffer) return false
  const tag = tagOf(data)
  return tag === '[object Blob]' || tag === '[object File]'
}

/** React Native's Blob has no `arrayBuffer()`. */
interface Sliced {
  slice?(start: number, end: number): { arrayBuffer?(): Promise<unknown> }
}

/** Whether the bytes of a Blob are there: those of a file are not once it has changed. */
export async function isReadable(data: Sendable): Promise<boolean> {
  try {
    if (isBlob(data)) await (data as Sliced).slice?.(0, 1).arrayBuffer?.()
    return true
  } catch {
    return false
  }
}

/** Most texts match, and an engine tests this several times faster than a loop counts. */
const ascii = /^[\0-\x7f]*$/

/** Size of a string in UTF-8, in bytes. A lone surrogate counts 3, as the replacement character that is sent for it. */
export function utf8Length(text: string): number {
  let bytes = text.length
  if (ascii.test(text)) return bytes
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    bytes += unit < 0x800 ? 1 : 2
    // a surrogate pair is two units in four bytes, so the second unit adds nothing
    if ((unit & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i++
  }
  return bytes
}
