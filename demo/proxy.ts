/** A TCP proxy in front of the demo's server: an endpoint whose connections can be broken in every way there is. */
import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Slowness, Way } from './way.js'

const host = '127.0.0.1'

/** One connection through the proxy. */
class Tunnel {
  readonly client: net.Socket
  readonly ways: readonly [up: Way, down: Way]

  constructor(client: net.Socket, server: net.Socket) {
    this.client = client
    for (const tcp of [client, server]) tcp.on('error', () => {})
    this.ways = [new Way(client, server), new Way(server, client)]
    // the other way round, the client is told only in its turn, and not while all is silent
    client.on('close', () => server.destroy())
  }
}

export class Proxy {
  readonly #target: number
  readonly #tunnels = new Set<Tunnel>()
  readonly #listener = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) =>
    this.#accept(client),
  )
  #port = 0
  #slowness: Slowness = { delay: 0, rate: 0 }
  #wanted: 'up' | 'down' | 'stopped' = 'up'
  #changing: Promise<void> = Promise.resolve()

  private constructor(target: number) {
    this.#target = target
  }

  /** Listens on the loopback interface, on a free port of its own, before a server on the port `target`. */
  static async start(target: number): Promise<Proxy> {
    const proxy = new Proxy(target)
    await proxy.#listen()
    proxy.#port = (proxy.#listener.address() as net.AddressInfo).port
    return proxy
  }

  get port(): number {
    return this.#port
  }

  /** Connections that the client has not left. */
  get connections(): number {
    return this.#tunnels.size
  }

  /** Resets each connection: a TCP segment with RST, and nothing else. */
  reset(): void {
    for (const { client } of this.#tunnels) client.resetAndDestroy()
  }

  /** Ends each connection with a FIN, without a Close frame. */
  fin(): void {
    for (const { client } of this.#tunnels) client.end()
  }

  /** Each connection stays up, and no byte passes, in either direction. Those that come later are not concerned. */
  stall(): void {
    for (const { ways } of this.#tunnels) for (const way of ways) way.stalled = true
  }

  /** What was held up arrives. */
  flow(): void {
    for (const { ways } of this.#tunnels) for (const way of ways) way.stalled = false
  }

  /** Connections that are silent. */
  get stalled(): number {
    return [...this.#tunnels].filter(({ ways }) => ways[0].stalled).length
  }

  /** Slows down every connection, those that come later too. */
  slow(slowness: Slowness): void {
    this.#slowness = slowness
    for (const { ways } of this.#tunnels) for (const way of ways) way.slowness = slowness
  }

  /** Down: every connection is gone and each dial is refused. Up: it listens again, on the same port. */
  async turn(wanted: 'up' | 'down' | 'stopped'): Promise<void> {
    if (this.#wanted === 'stopped') return this.#changing
    this.#wanted = wanted
    this.#changing = this.#changing.then(() => this.#settle())
    return this.#changing
  }

  async #settle(): Promise<void> {
    if (this.#wanted === 'up') {
      if (!this.#listener.listening) await this.#listen()
      return
    }
    if (!this.#listener.listening) return
    const closed = once(this.#listener, 'close')
    this.#listener.close()
    for (const { client } of this.#tunnels) client.destroy()
    await closed
  }

  async #listen(): Promise<void> {
    for (;;) {
      try {
        this.#listener.listen(this.#port, host)
        return void (await once(this.#listener, 'listening'))
      } catch (error) {
        // while it was down, someone else may have been given the port
        if (this.#wanted !== 'up' || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
        await sleep(100)
      }
    }
  }

  #accept(client: net.Socket): void {
    const server = net.connect({ port: this.#target, host, allowHalfOpen: true, noDelay: true })
    const tunnel = new Tunnel(client, server)
    for (const way of tunnel.ways) way.slowness = this.#slowness
    this.#tunnels.add(tunnel)
    client.on('close', () => this.#tunnels.delete(tunnel))
  }
}
