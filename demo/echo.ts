/**
 * The WebSocket side of the demo's server: counts and echoes what it is sent, refuses handshakes, ends connections. Who
 * asks for a session gets one, in memory.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { ClientReport, Refusal } from './chaos.js'
import { SessionServer, SUBPROTOCOL } from '../src/server/index.js'
import { endConnection, type Ending, sendClose } from './endings.js'

interface Connection {
  readonly socket: WebSocket
  readonly tcp: Socket
}

/** What the server knows of one client, over all its connections. */
class Client {
  readonly connections = new Set<Connection>()
  /** What becomes of the next dials. */
  refusals: Refusal[] = []
  /** Whether each connection is closed as soon as it is open. */
  brief = false
  /** Dials that reached the server, answered or not. */
  dials = 0
  opens = 0
  readonly received: string[] = []
  readonly #numbers = new Set<number>()
  #latest = 0

  take(message: string): void {
    this.received.push(message)
    const number = Number(/\d+$/.exec(message)?.[0] ?? 0)
    this.#numbers.add(number)
    this.#latest = Math.max(this.#latest, number)
  }

  get report(): ClientReport {
    const received = this.#numbers.size
    return {
      dials: this.dials,
      opens: this.opens,
      received,
      duplicates: this.received.length - received,
      latest: this.#latest,
    }
  }
}

/** In s. */
const RETRY_AFTER = 3

const answers: Readonly<Record<Exclude<Refusal, 'silence'>, string>> = {
  503: `503 Service Unavailable\r\nRetry-After: ${RETRY_AFTER}`,
  401: '401 Unauthorized\r\nWWW-Authenticate: Bearer',
}

export class Echo {
  readonly #clients = new Map<string, Client>()
  readonly #wss = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 })
  /** A session belongs to the client of whose name it is. */
  readonly #sessions = new SessionServer<string>({ authorize: (name) => name })
  readonly #changed: (name: string) => void

  /** `changed` is told the name of a client of which there is something new. */
  constructor(changed: (name: string) => void) {
    this.#changed = changed
    this.#sessions.on('session', (session) => {
      const { identity: name } = session
      session.on('message', (data) => {
        this.#client(name).take(String(data))
        void session.send(data as string)
        this.#changed(name)
      })
    })
  }

  received(name: string): readonly string[] {
    return this.#client(name).received
  }

  dials(name: string): number {
    return this.#client(name).dials
  }

  report(name: string): ClientReport {
    return this.#client(name).report
  }

  /** Handshakes that are still to be refused. */
  refusing(name: string): number {
    return this.#client(name).refusals.length
  }

  /** Ends a client's connection; `silence` also leaves its next dial without an answer. */
  end(name: string, how: Ending): void {
    const client = this.#client(name)
    if (how === 'silence') client.refusals.push('silence')
    for (const { socket, tcp } of client.connections) endConnection(how, socket, tcp)
  }

  /** Closes a client's connection with any code, or with an empty Close frame. */
  close(name: string, code: number | undefined, reason: string): void {
    for (const { socket, tcp } of this.#client(name).connections) sendClose(socket, tcp, code, reason)
  }

  /** Refuses the next handshakes of a client; those of an earlier call are forgotten. */
  refuse(name: string, refusals: Refusal[]): void {
    this.#client(name).refusals = refusals
  }

  /** Closes each connection of a client as soon as it is open, or lets them be. */
  loop(name: string, on: boolean): void {
    this.#client(name).brief = on
  }

  /** Nothing is known of a client any more. */
  forget(name: string): void {
    this.#clients.delete(name)
    for (const session of this.#sessions) if (session.identity === name) void session.end()
  }

  /** Lets go of the sessions. */
  stop(): Promise<void> {
    return this.#sessions.close()
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    stream.on('error', () => {})
    const name = /^\/socket\/([\w-]{1,40})$/.exec(request.url ?? '')?.[1]
    if (name === undefined) return void stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
    const client = this.#client(name)
    client.dials++
    const refusal = client.refusals.shift()
    if (refusal === undefined) this.#accept(name, client, request, stream, head)
    else if (refusal === 'silence') {
      // not a byte in answer; reading on is how the server notices that the client gave up
      stream.resume()
      stream.on('end', () => stream.destroy())
    } else stream.end(`HTTP/1.1 ${answers[refusal]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    this.#changed(name)
  }

  #accept(name: string, client: Client, request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#wss.handleUpgrade(request, stream, head, (socket) => {
      const connection: Connection = { socket, tcp: request.socket }
      client.connections.add(connection)
      client.opens++
      socket.on('error', () => {})
      socket.on('close', () => client.connections.delete(connection))
      if (socket.protocol === SUBPROTOCOL) this.#sessions.accept(socket, name)
      else this.#echo(name, client, connection)
      if (client.brief) socket.close(1001, 'going away')
    })
  }

  #echo(name: string, client: Client, { socket, tcp }: Connection): void {
    socket.on('message', (data: Buffer) => {
      const text = data.toString()
      if (text !== 'ping') client.take(text)
      // after a FIN of its own the server has no way to answer
      if (tcp.writable) socket.send(text === 'ping' ? 'pong' : text)
      this.#changed(name)
    })
  }

  #client(name: string): Client {
    const client = this.#clients.get(name) ?? new Client()
    this.#clients.set(name, client)
    return client
  }
}
