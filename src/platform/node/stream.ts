/** How much a stream has written: the only place that uses undocumented members of Node's streams. */
import type { Duplex } from 'node:stream'

interface Queued {
  readonly chunk: string | Uint8Array
  readonly encoding: BufferEncoding
}

/** A stream of node:net or node:tls. */
export interface CountedStream extends Duplex {
  /** Bytes written to it, including those still queued. */
  readonly bytesWritten: number
  /** Its queue: undocumented, but in every release of Node since 14. */
  readonly writableBuffer: readonly Queued[]
}

/** Whether a stream shows how much it has passed to the system. A user's Duplex does not. */
export function isCounted(stream: Duplex): stream is CountedStream {
  const { bytesWritten, writableBuffer } = stream as Partial<CountedStream>
  return typeof bytesWritten === 'number' && Array.isArray(writableBuffer)
}

/**
 * Bytes passed to the system or the TLS layer: they may have arrived. Valid after the end, too. Node also counts bytes
 * of a write that the system refused.
 */
export function bytesGiven({ bytesWritten, writableBuffer }: CountedStream): number {
  return writableBuffer.reduce((bytes, { chunk, encoding }) => bytes - sizeOf(chunk, encoding), bytesWritten)
}

/** Size of a chunk in bytes. */
export function sizeOf(chunk: string | Uint8Array, encoding?: BufferEncoding): number {
  return typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.length
}

/** Bytes of payload in a client's frame of that length: the frame has a mask, and a length field of minimal size. */
export function payloadOf(frame: number): number {
  return frame - (frame < 6 + 126 ? 6 : frame < 8 + 65_536 ? 8 : 14)
}
