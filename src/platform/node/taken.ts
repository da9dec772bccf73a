/** How much of what was written to a stream the system has taken. */
import type { Duplex } from 'node:stream'

/** What Node's streams over the network hold on to; not documented, and so looked for. */
interface Handle {
  readonly bytesWritten?: unknown
  readonly writeQueueSize?: unknown
  /** Below TLS: the connection itself. */
  readonly _parent?: Handle
}

/**
 * In bytes. Of one large write, the stream itself only knows when all of it is through; its handle counts on. Without
 * such a handle it is the stream's own count.
 */
export function taken(stream: Duplex & { readonly bytesWritten?: number }): number {
  const { _handle: own } = stream as { _handle?: Handle | null }
  const handle = own?._parent ?? own
  const { bytesWritten, writeQueueSize } = handle ?? {}
  if (typeof bytesWritten === 'number' && typeof writeQueueSize === 'number')
    return bytesWritten - writeQueueSize
  return (stream.bytesWritten ?? 0) - stream.writableLength
}
