/** A Duplex with what http and ws ask of a net.Socket. It counts as node:net does. */
import { Duplex } from 'node:stream'

export abstract class NetStream extends Duplex {
  /** Bytes that the system was given, or refused: Node counts those too. */
  protected dispatched = 0

  /** What was given, and what is queued. */
  get bytesWritten(): number {
    const { writableBuffer } = this as unknown as { writableBuffer: readonly { chunk: Buffer | string }[] }
    return writableBuffer.reduce((bytes, { chunk }) => bytes + Buffer.byteLength(chunk), this.dispatched)
  }

  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  setTimeout(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
}
