/** How far a stream has come: the one place that looks into one beyond what Node documents. */
import type { Duplex } from 'node:stream'

interface Queued {
  readonly chunk: string | Uint8Array
  readonly encoding: BufferEncoding
}

/** A stream of node:net or node:tls. */
export interface CountedStream extends Duplex {
  /** Bytes written into it, those that it still queues included. */
  readonly bytesWritten: number
  /** What it queues: in no documentation of Node's, in every release from 14 on. */
  readonly writableBuffer: readonly Queued[]
}

/** Whether a stream can tell what it has given to the system. A Duplex that a user made cannot. */
export function isCounted(stream: Duplex): stream is CountedStream {
  const { bytesWritten, writableBuffer } = stream as Partial<CountedStream>
  return typeof bytesWritten === 'number' && Array.isArray(writableBuffer)
}

/**
 * Bytes that the system was given, or the TLS layer: they may have arrived. Holds after the end too. Of a write that
 * the system refused Node counts the bytes as well.
 */
export function bytesGiven({ bytesWritten, writableBuffer }: CountedStream): number {
  return writableBuffer.reduce((bytes, { chunk, encoding }) => bytes - sizeOf(chunk, encoding), bytesWritten)
}

/** Bytes of a chunk. */
export function sizeOf(chunk: string | Uint8Array, encoding?: BufferEncoding): number {
  return typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.length
}

/** Bytes of payload in a frame of a client's that is so long: it has a mask, and its length in as few bytes as can be. */
export function payloadOf(frame: number): number {
  return frame - (frame < 6 + 126 ? 6 : frame < 8 + 65_536 ? 8 : 14)
}
