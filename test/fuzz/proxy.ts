/** A proxy in front of a server, which breaks connections at a given byte. */
import net from 'node:net'

/** What happens to one connection. */
export interface Fault {
  readonly kind: 'none' | 'reset' | 'end' | 'hang' | 'reset at once'
  /** After so many bytes from the client. */
  readonly after: number
  /** How long each piece from the client is held up, in ms. */
  readonly slow: number
}

export const healthy: Fault = { kind: 'none', after: Infinity, slow: 0 }

export interface FaultProxy {
  /** Port or path. */
  readonly at: number | string
  stop(): Promise<void>
}

/** @param at Where to listen: a path, or nothing for a port. */
export async function faultProxy(
  to: number | string,
  next: () => Fault,
  at: string | undefined,
): Promise<FaultProxy> {
  const live = new Set<net.Socket>()
  const server = net.createServer({ allowHalfOpen: true }, (near) => {
    const fault = next()
    near.on('error', () => {})
    if (fault.kind === 'reset at once') return reset(near)
    const far = typeof to === 'string' ? net.connect(to) : net.connect(to, '127.0.0.1')
    for (const socket of [near, far]) live.add(socket.on('close', () => live.delete(socket)))
    far.on('error', () => near.destroy())
    far.on('data', (chunk) => void near.write(chunk))
    far.on('end', () => near.end())
    near.on('end', () => far.end()).on('close', () => far.end())
    let left = fault.after
    near.on('data', (chunk) => {
      const passed = chunk.subarray(0, left)
      left -= passed.length
      const free = far.write(passed)
      if (left <= 0) return strike(fault, near, far)
      if (fault.slow > 0) {
        near.pause()
        setTimeout(() => near.resume(), fault.slow)
      } else if (!free) {
        near.pause()
        far.once('drain', () => near.resume())
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(at ?? { port: 0, host: '127.0.0.1' }, resolve))
  return {
    at: at ?? (server.address() as net.AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of live) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

function strike({ kind }: Fault, near: net.Socket, far: net.Socket): void {
  near.removeAllListeners('data').pause()
  if (kind === 'hang') return void far.pause()
  // what has passed still arrives
  far.removeAllListeners('data').resume().end()
  if (kind === 'reset') reset(near)
  else near.end()
}

/** A Unix socket has no address, and knows no reset. */
function reset(socket: net.Socket): void {
  if (socket.remoteAddress === undefined) socket.destroy()
  else socket.resetAndDestroy()
}
