/**
 * A TCP proxy that breaks what goes through it, between a client and a real `ws` server that sends back what it gets.
 * Each connection has two ways, and each way its own fault.
 */
import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type WebSocket, WebSocketServer } from 'ws'

/**
 * What becomes of the bytes. `pass`: all go on at once. `stall`: none is taken from the sender, whose buffers fill.
 * `swallow`: all are taken, none arrives. `delay`: they are on their way for `ms`. `pace`: `size` of them arrive
 * every `ms`. Nothing but `swallow` loses a byte.
 */
export type Fault =
  | { readonly type: 'pass' | 'stall' | 'swallow' }
  | { readonly type: 'delay'; readonly ms: number }
  | { readonly type: 'pace'; readonly size: number; readonly ms: number }

export const pass: Fault = { type: 'pass' }
export const stall: Fault = { type: 'stall' }
export const swallow: Fault = { type: 'swallow' }
export const delay = (ms: number): Fault => ({ type: 'delay', ms })
export const pace = (size: number, ms: number): Fault => ({ type: 'pace', size, ms })

/** One way of a connection. */
export class Way {
  /** Bytes that were delivered. */
  delivered = 0
  readonly #from: net.Socket
  readonly #to: net.Socket
  readonly #over = new AbortController()
  #fault: Fault = pass
  #cut: { readonly at: number; readonly then: () => void } | undefined
  #wake: () => void = () => {}

  constructor(from: net.Socket, to: net.Socket) {
    this.#from = from
    this.#to = to
    const wake = (): void => this.#wake()
    from.on('readable', wake).on('end', wake).on('close', wake)
    // what is written to a connection that is over goes nowhere
    this.#run().catch(() => {})
  }

  get fault(): Fault {
    return this.#fault
  }

  set fault(fault) {
    this.#fault = fault
    this.#wake()
  }

  /** Once `bytes` more have been delivered, none is any more, and `then` happens. */
  cut(bytes: number, then: () => void): void {
    this.#cut = { at: this.delivered + bytes, then }
  }

  stop(): void {
    this.#over.abort()
    this.#wake()
  }

  async #run(): Promise<void> {
    for (;;) {
      const chunk = await this.#take()
      if (!chunk) return void this.#to.end()
      // a fault may change while a chunk is on its way
      for (let at = 0; at < chunk.length;) {
        const fault = this.#fault
        if (fault.type === 'stall') await this.#change()
        else if (fault.type === 'swallow') break
        else {
          if ('ms' in fault) await sleep(fault.ms, undefined, { signal: this.#over.signal })
          const piece = chunk.subarray(at, fault.type === 'pace' ? at + fault.size : undefined)
          at += piece.length
          await this.#deliver(piece)
        }
      }
    }
  }

  /** The next bytes; nothing when the sender has said its last. */
  async #take(): Promise<Buffer | undefined> {
    for (;;) {
      if (this.#over.signal.aborted || this.#from.readableEnded || this.#from.destroyed) return undefined
      const chunk = this.#fault.type === 'stall' ? null : (this.#from.read() as Buffer | null)
      if (chunk) return chunk
      await this.#change()
    }
  }

  async #change(): Promise<void> {
    if (this.#over.signal.aborted) throw new Error('over')
    await new Promise<void>((resolve) => (this.#wake = resolve))
  }

  async #deliver(piece: Buffer): Promise<void> {
    const room = this.#cut ? this.#cut.at - this.delivered : Infinity
    const bytes = piece.subarray(0, room)
    this.delivered += bytes.length
    const { signal } = this.#over
    if (!this.#to.write(bytes)) await once(this.#to, 'drain', { signal })
    if (piece.length < room) return
    this.#fault = stall
    this.#cut!.then()
  }
}

/** One connection through the proxy, once the server has accepted it. */
export class Passage {
  readonly client: net.Socket
  /** Client to server. */
  readonly up: Way
  /** Server to client. */
  readonly down: Way
  readonly #server: net.Socket

  constructor(client: net.Socket, server: net.Socket) {
    this.client = client
    this.#server = server
    for (const tcp of [client, server]) tcp.on('error', () => {})
    this.up = new Way(client, server)
    this.down = new Way(server, client)
    // whatever ends one side for good ends the other
    client.on('close', () => server.destroy())
    server.on('close', () => client.end())
  }

  /** Both peers are there, and no word arrives. */
  halfOpen(): void {
    this.up.fault = this.down.fault = swallow
  }

  /** The client is told that the server will say no more. */
  fin(): void {
    this.client.end()
  }

  rst(): void {
    this.client.resetAndDestroy()
  }

  stop(): void {
    this.up.stop()
    this.down.stop()
    this.client.destroy()
    this.#server.destroy()
  }
}

export interface Proxy {
  readonly port: number
  readonly url: string
  readonly passages: readonly Passage[]
  /** The texts that the server got, by connection. */
  readonly received: readonly string[][]
  /** Ends all connections. */
  release(): void
  stop(): Promise<void>
}

/** `script` says what becomes of each connection, n from 0. */
export async function startProxy(
  script: (passage: Passage, n: number) => void = () => {},
  { echo = true }: { readonly echo?: boolean } = {},
): Promise<Proxy> {
  const received: string[][] = []
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  server.on('connection', (socket: WebSocket) => {
    const texts: string[] = []
    received.push(texts)
    socket.on('error', () => {})
    socket.on('message', (data: Buffer, binary: boolean) => {
      if (!binary) texts.push(data.toString())
      if (echo) socket.send(data, { binary })
    })
  })
  await once(server, 'listening')
  const { port: target } = server.address() as net.AddressInfo

  const passages: Passage[] = []
  const proxy = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const behind = net.connect({ port: target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const passage = new Passage(client, behind)
    passages.push(passage)
    script(passage, passages.length - 1)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = proxy.address() as net.AddressInfo

  const release = (): void => {
    for (const passage of passages) passage.stop()
    for (const socket of server.clients) socket.terminate()
  }
  return {
    port,
    url: `ws://127.0.0.1:${port}/`,
    passages,
    received,
    release,
    async stop() {
      release()
      await Promise.all([proxy, server].map((each) => new Promise((resolve) => each.close(resolve))))
    },
  }
}
