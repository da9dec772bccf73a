/** A way over TCP that breaks: between servers and their Redis, and between clients and servers. */
import { once } from 'node:events'
import net from 'node:net'

/** `pass`: bytes go on. `stall`: none does, and both ends believe that the connection is alive. */
type Traffic = 'pass' | 'stall'

export class TcpProxy {
  readonly port: number
  /** Connections made so far. */
  connections = 0
  readonly #server: net.Server
  readonly #live = new Set<net.Socket>()
  readonly #waiting = new Set<() => void>()
  #traffic: Traffic = 'pass'
  /** What to do with the next bytes from the target, once something that matches was sent to it. */
  #losing: { readonly asked: string; readonly unless: string } | undefined

  private constructor(server: net.Server, port: number) {
    this.#server = server
    this.port = port
  }

  /** @param target Port, or a function that names one for each connection. */
  static async start(target: number | (() => number)): Promise<TcpProxy> {
    const server = net.createServer({ noDelay: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const proxy = new TcpProxy(server, (server.address() as net.AddressInfo).port)
    server.on('connection', (client) => proxy.#join(client, typeof target === 'number' ? target : target()))
    return proxy
  }

  /** Ends all connections, without a word. */
  cut(): void {
    for (const socket of this.#live) socket.resetAndDestroy()
  }

  /** Nothing gets through any more; new connections neither. */
  stall(): void {
    this.#traffic = 'stall'
    for (const socket of this.#live) socket.pause()
  }

  pass(): void {
    this.#traffic = 'pass'
    for (const socket of this.#live) socket.resume()
  }

  /** Ends the connection on which `asked` is sent next, before the answer comes. An answer `unless` is none. */
  loseAnswer(asked: string, unless: string): void {
    this.#losing = { asked, unless }
  }

  /** Waits until there have been so many connections. */
  connected(count: number): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.connections < count) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      look()
    })
  }

  async stop(): Promise<void> {
    for (const socket of this.#live) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #join(client: net.Socket, port: number): void {
    const target = net.connect({ port, host: '127.0.0.1', noDelay: true })
    let asked: string | undefined
    this.#pipe(client, target, (data) => {
      if (this.#losing && data.includes(this.#losing.asked)) asked = this.#losing.unless
      return 'pass'
    })
    this.#pipe(target, client, (data) => {
      if (asked === undefined || data.toString().startsWith(asked)) return 'pass'
      asked = this.#losing = undefined
      return 'lose'
    })
    this.connections++
    for (const look of [...this.#waiting]) look()
  }

  #pipe(from: net.Socket, to: net.Socket, judge: (data: Buffer) => 'pass' | 'lose'): void {
    this.#live.add(from)
    if (this.#traffic === 'stall') from.pause()
    from.on('data', (data) => {
      if (judge(data) === 'lose') return void from.destroy()
      if (to.write(data)) return
      from.pause()
      to.once('drain', () => this.#traffic === 'pass' && from.resume())
    })
    from.on('error', () => {})
    from.on('end', () => to.end())
    from.on('close', () => {
      this.#live.delete(from)
      to.destroy()
    })
  }
}
