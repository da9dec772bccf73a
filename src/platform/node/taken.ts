/** How much of what was written to a stream the system has accepted. */
import type { Duplex } from 'node:stream'

/** The handle of Node's network streams: undocumented, so its presence is checked. */
interface Handle {
  readonly bytesWritten?: unknown
  readonly writeQueueSize?: unknown
  /** Below TLS: the connection itself. */
  readonly _parent?: Handle
}

/**
 * In bytes. The stream itself counts a large write only when all of it is done; its handle counts continuously. Without
 * a handle, the stream's own count.
 */
export function taken(stream: Duplex & { readonly bytesWritten?: number }): number {
  const { _handle: own } = stream as { _handle?: Handle | null }
  const handle = own?._parent ?? own
  const { bytesWritten, writeQueueSize } = handle ?? {}
  if (typeof bytesWritten === 'number' && typeof writeQueueSize === 'number')
    return bytesWritten - writeQueueSize
  return (stream.bytesWritten ?? 0) - stream.writableLength
}
