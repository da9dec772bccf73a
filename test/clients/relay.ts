/** A port that stays while the server behind it goes and comes, and counts who is connected. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

export class Relay {
  /** Where connections go. */
  target = 0
  /** A folder for whatever the server writes. */
  readonly folder = mkdtempSync(path.join(tmpdir(), 'everopen-clients-'))
  readonly #server: net.Server
  readonly #live = new Set<net.Socket>()

  private constructor(server: net.Server) {
    this.#server = server
    server.on('connection', (near) => this.#join(near))
  }

  static async start(): Promise<Relay> {
    const server = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Relay(server)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** How many clients are connected through to the server. */
  get connections(): number {
    return this.#live.size
  }

  /** A port on which nobody listens yet. */
  async freePort(): Promise<number> {
    const probe = net.createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const { port } = probe.address() as AddressInfo
    await new Promise((resolve) => probe.close(resolve))
    return port
  }

  stop(): void {
    this.#server.close()
    for (const near of this.#live) near.destroy()
    rmSync(this.folder, { recursive: true, force: true })
  }

  #join(near: net.Socket): void {
    const far = net.connect({ port: this.target, host: '127.0.0.1', allowHalfOpen: true })
    this.#live.add(near)
    near.on('close', () => {
      this.#live.delete(near)
      far.destroy()
    })
    far.on('close', () => near.destroy())
    near.on('error', () => {})
    // a refused connection is refused to the client too
    far.on('error', () => near.resetAndDestroy())
    near.pipe(far)
    far.pipe(near)
  }
}
