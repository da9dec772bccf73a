/** Node: `ws`, through isomorphic-ws, by its event emitter, which builds no event objects. */
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import NodeWebSocket from 'isomorphic-ws'
import type { AgentLike } from '../options/node-options.js'
import { copyOf, isBlob } from '../delivery/payload.js'
import type { Message } from '../delivery/outbox.js'
import { systemClock } from '../time/clock.js'
import { clockJumps, shared } from './hints.js'
import { adoptOptions } from './node/adopt.js'
import { checkNodeOptions } from './node/check.js'
import { bounded, watch } from './node/handshake.js'
import { type NodeTarget, provideNode } from './node/provide.js'
import { type Hop, redirect } from './node/redirect.js'
import { clientOptions } from './node/request.js'
import type { DialOptions, Link, LinkListener, Platform } from './platform.js'
import { readRefusal } from './refusal.js'
import { dialWhatwg } from './whatwg.js'
import type { Data, Sendable } from '../delivery/payload.js'

export const platform: Platform = {
  clock: systemClock,
  random: () => Math.random(),
  hints: shared((tell) => clockJumps(systemClock, tell)),
  schemes: ['ws+unix:'],
  errorEvents: 'error',
  adopt: adoptOptions,
  check: (node) => checkNodeOptions(node),
  provide: provideNode,
  dial: (target, options, listener) =>
    options.WebSocket === undefined
      ? new NodeLink(target as NodeTarget, options, listener)
      : dialWhatwg(options.WebSocket, target, options, listener),
}

/** Lets go at once: nothing follows. */
function abandon(socket: NodeWebSocket): void {
  socket.removeAllListeners()
  // terminate() before the connection is established emits `error`, uncaught where nobody listens
  socket.on('error', () => {})
  socket.terminate()
}

class NodeLink implements Link {
  readonly #target: NodeTarget
  readonly #options: DialOptions
  readonly #listener: LinkListener
  /** Of the latest request: a redirect makes another one. */
  #socket!: NodeWebSocket
  #stream: Socket | undefined
  /** Aborted by drop(): nothing is told any more, no redirect followed. */
  readonly #dropped = new AbortController()
  #binaryType: 'arraybuffer' | 'blob'
  /** What was handed over and is not known to be written; from `#first` on: shift() on a long array moves all the rest. */
  #handed: Message[] = []
  #first = 0
  /** How many of them, from the first, are written, and only not called back yet. */
  #written = 0
  /** How many behind those are in the write that the network is busy with. */
  #batch = 0
  /** While the messages of a batch are called back one by one: how many the next batch has, begun just before. */
  #following: number | undefined
  /** Blobs among them: ws reads one asynchronously, and queues what comes behind it. */
  #blobs = 0
  /** The one that could not be read. */
  #unreadable: Message | undefined
  readonly #onSent = (error?: Error): void => {
    // the write in flight of a destroyed socket is called back without an error
    if (error || this.#stream?.destroyed) return
    const { data } = this.#handed[this.#first]!
    this.#advance()
    this.#first++
    if (this.#first * 2 >= this.#handed.length) this.#compact()
    if (isBlob(data)) this.#blobs--
    this.#listener.onSent()
  }

  constructor(target: NodeTarget, options: DialOptions, listener: LinkListener) {
    this.#target = target
    this.#options = options
    this.#listener = listener
    this.#binaryType = options.binaryType
    const { url, protocols, headers = {} } = target
    this.#request({ url, protocols, headers, foreign: false, count: 0 }, target.agent)
  }

  #request(hop: Hop, agent: AgentLike | undefined): void {
    const { closeTimeout, node } = this.#options
    const listener = this.#listener
    let timings!: ReturnType<typeof watch>
    const socket = new NodeWebSocket(hop.url, hop.protocols && [...hop.protocols], {
      ...clientOptions(hop, node, agent, (request: ClientRequest) => {
        timings = watch(request)
        request.end()
      }),
      // its own wait after a Close frame is 30 s
      closeTimeout,
    } as NodeWebSocket.ClientOptions)
    this.#socket = socket
    this.binaryType = this.#binaryType
    socket.on('message', (data, isBinary) =>
      listener.onMessage((isBinary ? data : (data as Buffer).toString()) as Data),
    )
    socket.on('ping', (data) => listener.onReport('ping', data))
    socket.on('pong', (data) => {
      listener.onReport('pong', data)
      listener.onPong()
    })
    socket.on('error', (error) => listener.onError(error))
    socket.on('close', (code, reason) => listener.onClose(code, reason.toString(), code !== 1006))
    socket.on('upgrade', (response: IncomingMessage) => {
      const { statusCode = 0, headers, socket: stream } = response
      this.#stream = stream
      const answer = { status: statusCode, headers: bounded(headers), timings: timings() }
      socket.on('open', () => {
        const { protocol, extensions } = socket
        // ws has turned the delay off by now, and an agent has ways of its own
        if (node.noDelay === false) stream.setNoDelay(false)
        if (node.keepAlive) stream.setKeepAlive(true, node.keepAlive === true ? 0 : node.keepAlive)
        listener.onReport('handshake', { ...answer, protocol, extensions })
        listener.onOpen()
      })
      // ws waits without end for what is left to be written, which a peer that is gone never reads
      stream.once('end', () => listener.onEnding())
    })
    // ws leaves it to whoever listens here to end the request, and drop() does
    socket.on('unexpected-response', (_request, response: IncomingMessage) => {
      const { statusCode = 0, headers } = response
      const { followRedirects, maxRedirects = 10 } = node
      const redirected = followRedirects && statusCode >= 300 && statusCode < 400 && headers.location
      const next = redirected ? redirect(hop, redirected, maxRedirects) : { problem: '' }
      if ('url' in next) return this.#follow(next)
      readRefusal(response, next.problem, (error) => this.#fail(error))
    })
  }

  /** Lets go of the request that was redirected, and makes the next one. */
  #follow(hop: Hop): void {
    abandon(this.#socket)
    this.#target
      .agentFor(hop.url)
      .then((agent) => {
        if (!this.#dropped.signal.aborted) this.#request(hop, agent)
      })
      .catch((error: unknown) => this.#fail(error))
  }

  #fail(error: unknown): void {
    if (this.#dropped.signal.aborted) return
    this.#listener.onError(error)
    this.#listener.onClose(1006, '', false)
  }

  get protocol(): string {
    return this.#socket.protocol
  }

  get extensions(): string {
    return this.#socket.extensions
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount
  }

  get ready(): boolean {
    return this.#socket.readyState === NodeWebSocket.OPEN
  }

  get binaryType(): 'arraybuffer' | 'blob' {
    return this.#binaryType
  }

  set binaryType(type) {
    this.#binaryType = type
    // ws knows 'blob', its types do not
    this.#socket.binaryType = type as 'arraybuffer'
  }

  send({ data, expires }: Message): void {
    if (isBlob(data)) return this.#sendBlob({ data, expires })
    const bytes = this.#write(data, this.#onSent)
    // nothing is held back: this message, and with it all before, went to the network
    const through = this.#socket.bufferedAmount === 0 && this.#blobs === 0
    // what may have to be sent again must not change meanwhile
    this.#handed.push({ data: through || bytes !== data ? bytes : copyOf(data), expires })
    if (through) {
      this.#written = this.#held
      this.#batch = 0
      this.#following = undefined
    } else if (this.#batch === 0) this.#batch = 1
  }

  #sendBlob(message: Message): void {
    this.#write(message.data, this.#sentOrUnreadable(message))
    this.#handed.push(message)
    this.#blobs++
    if (this.#batch === 0) this.#batch = 1
  }

  beat(data: Sendable): void {
    this.#write(data)
  }

  /**
   * What waits in this process behind the write that the network is busy with. Of that write, nobody can tell how
   * much arrived.
   */
  unsent(): readonly Message[] {
    return this.#handed
      .slice(this.#first + this.#written + this.#batch + (this.#following ?? 0))
      .filter((message) => message !== this.#unreadable)
  }

  get #held(): number {
    return this.#handed.length - this.#first
  }

  #compact(): void {
    this.#handed = this.#handed.slice(this.#first)
    this.#first = 0
  }

  /** For a message that is a Blob. One that cannot be read ends the connection, and all behind it is called back too. */
  #sentOrUnreadable(message: Message): (error?: Error) => void {
    return (error) => {
      if (error && !this.#unreadable && !this.#stream?.destroyed) {
        this.#unreadable = message
        this.#listener.onLost(message.data)
      }
      this.#onSent(error)
    }
  }

  /** The first message has been called back: what is on its way now? */
  #advance(): void {
    if (this.#written > 0) {
      this.#written--
      return
    }
    // Node writes all that had waited together, as soon as the write before is through
    this.#following ??= this.#held - this.#batch
    this.#batch--
    if (this.#batch > 0) return
    // where nothing waited, what a listener has sent meanwhile began a write of its own
    this.#batch = this.#following || Math.min(1, this.#held - 1)
    this.#following = undefined
  }

  /** Returns what was written: `data`, or a copy of it where ws reads the bytes only later. */
  #write(data: Sendable, sent?: (error?: Error) => void): Sendable {
    const socket = this.#socket
    const later = socket.extensions !== '' || socket.bufferedAmount > 0 || this.#blobs > 0
    const bytes = typeof data !== 'string' && later ? copyOf(data) : data
    socket.send(bytes as Parameters<NodeWebSocket['send']>[0], sent)
    return bytes
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason)
  }

  drop(): void {
    this.#dropped.abort()
    abandon(this.#socket)
  }

  ping(): void {
    this.#socket.ping(this.#options.node.pingPayload)
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  received(): number {
    return this.#stream?.bytesRead ?? 0
  }
}
