/** The demo's server, played inside the page: for a site that has no server. Time is real, the network is not. */
import {
  type ClientReport,
  type Command,
  type Contender,
  contenders,
  type EndpointName,
  endpoints,
  type LabReport,
  type Refusal,
} from '../chaos.js'
import type { LiveSocket } from './socket.js'

/** From one side to the other, in ms. */
const LATENCY = 15

/** What the server knows of one client, over all its connections. */
class Client {
  readonly sockets = new Set<LiveSocket>()
  refusals: Refusal[] = []
  dials = 0
  opens = 0
  readonly #numbers = new Set<number>()
  #messages = 0

  take(message: string): void {
    this.#messages++
    this.#numbers.add(Number(/\d+$/.exec(message)?.[0] ?? 0))
  }

  get report(): ClientReport {
    const received = this.#numbers.size
    return {
      dials: this.dials,
      opens: this.opens,
      received,
      duplicates: this.#messages - received,
      latest: Math.max(0, ...this.#numbers),
    }
  }
}

export class LiveServer {
  readonly #clients = new Map<string, Client>(contenders.map((name) => [name, new Client()]))
  readonly #wanted: Record<EndpointName, boolean> = { a: true, b: true }
  readonly #watchers = new Set<(report: LabReport) => void>()
  readonly #stalled = new Set<LiveSocket>()
  #slow = { delay: 0, rate: 0 }
  #loop = false
  #restart: ReturnType<typeof setTimeout> | undefined
  #tell: ReturnType<typeof setTimeout> | undefined

  watch(listener: (report: LabReport) => void): void {
    this.#watchers.add(listener)
    listener(this.#report)
  }

  /** A socket dials: `ws://a/name`. */
  dial(socket: LiveSocket, endpoint: EndpointName, name: string): void {
    const client = this.#client(name)
    if (!this.#isUp(endpoint)) return this.later(socket, () => socket.lost())
    client.dials++
    const refusal = client.refusals.shift()
    this.#changed()
    if (refusal === 'silence') return
    if (refusal !== undefined) return this.later(socket, () => socket.lost())
    this.later(socket, () => {
      client.opens++
      client.sockets.add(socket)
      socket.opened()
      if (this.#loop) this.later(socket, () => socket.ended(1001, 'going away'))
      this.#changed()
    })
  }

  /** A message arrives from a socket, some time later. */
  receive(socket: LiveSocket, name: string, text: string): void {
    this.later(socket, () => {
      if (text !== 'ping') this.#client(name).take(text)
      this.later(socket, () => socket.received(text === 'ping' ? 'pong' : text))
      this.#changed()
    })
  }

  /** The socket is over, whoever ended it. */
  forget(socket: LiveSocket): void {
    this.#stalled.delete(socket)
    for (const client of this.#clients.values()) client.sockets.delete(socket)
  }

  /** Runs what the network brings, in order; nothing of it while the connection is stalled. */
  later(socket: LiveSocket, what: () => void): void {
    const delay = LATENCY + this.#slow.delay
    setTimeout(() => (this.#stalled.has(socket) ? socket.hold(what) : what()), delay)
  }

  act(command: Command): void {
    switch (command.type) {
      case 'close':
        this.#each((socket) => this.later(socket, () => socket.ended(command.code ?? 1005, command.reason)))
        break
      case 'rst':
      case 'fin':
        this.#each((socket) => socket.lost())
        break
      case 'stall':
        this.#each((socket) => this.#stalled.add(socket))
        break
      case 'flow':
        this.#flow()
        break
      case 'refuse':
        for (const client of this.#clients.values())
          client.refusals = Array(command.times).fill(command.answer)
        this.#each((socket) => socket.lost())
        break
      case 'restart':
        clearTimeout(this.#restart)
        this.#restart = setTimeout(() => {
          this.#restart = undefined
          this.#changed()
        }, command.ms)
        this.#each((socket) => socket.lost())
        break
      case 'slow':
        this.#slow = { delay: command.delay, rate: command.rate }
        break
      case 'loop':
        this.#loop = command.on
        if (command.on) this.#each((socket) => socket.ended(1001, 'going away'))
        break
      case 'endpoint':
        this.#wanted[command.name] = command.up
        this.#each((socket) => !this.#isUp(socket.endpoint) && socket.lost())
        break
      case 'calm':
        this.#calm()
    }
    this.#changed()
  }

  get #report(): LabReport {
    const clients = contenders.map((name): [Contender, ClientReport] => [name, this.#client(name).report])
    return {
      endpoints: { a: this.#isUp('a'), b: this.#isUp('b') },
      slow: this.#slow,
      loop: this.#loop,
      refusing: this.#client('everopen').refusals.length,
      stalled: this.#stalled.size,
      clients: Object.fromEntries(clients) as LabReport['clients'],
    }
  }

  #client(name: string): Client {
    const client = this.#clients.get(name) ?? new Client()
    this.#clients.set(name, client)
    return client
  }

  #isUp(name: EndpointName): boolean {
    return this.#wanted[name] && this.#restart === undefined
  }

  #each(what: (socket: LiveSocket) => unknown): void {
    for (const client of this.#clients.values()) for (const socket of [...client.sockets]) what(socket)
  }

  #flow(): void {
    const stalled = [...this.#stalled]
    this.#stalled.clear()
    for (const socket of stalled) socket.flow()
  }

  #calm(): void {
    this.#loop = false
    this.#slow = { delay: 0, rate: 0 }
    clearTimeout(this.#restart)
    this.#restart = undefined
    for (const client of this.#clients.values()) client.refusals = []
    for (const name of endpoints) this.#wanted[name] = true
    this.#flow()
  }

  /** There is something new to tell, at most ten times a second. */
  #changed(): void {
    this.#tell ??= setTimeout(() => {
      this.#tell = undefined
      for (const listener of this.#watchers) listener(this.#report)
    }, 100)
  }
}
