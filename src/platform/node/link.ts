/** A link over `ws`, by its event emitter, which builds no event objects. */
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type NodeWebSocket from 'isomorphic-ws'
import type { AgentLike } from '../../options/node-options.js'
import type { Message } from '../../delivery/outbox.js'
import type { Data, Sendable } from '../../delivery/payload.js'
import type { DialOptions, HandshakeDetail, Link, LinkListener } from '../platform.js'
import { readRefusal } from '../refusal.js'
import { Counted } from './counted.js'
import { bounded, watch } from './handshake.js'
import { OneByOne } from './one-by-one.js'
import type { Outgoing } from './outgoing.js'
import type { NodeTarget } from './provide.js'
import { type Hop, redirect } from './redirect.js'
import { clientOptions, identifies } from './request.js'
import { isCounted } from './stream.js'
import { taken } from './taken.js'

const OPEN = 1

/** Lets go at once: nothing follows. */
function abandon(socket: NodeWebSocket): void {
  socket.removeAllListeners()
  // terminate() before the connection is established emits `error`, uncaught where nobody listens
  socket.on('error', () => {})
  socket.terminate()
}

/** A `net.Socket`, or a Duplex of the user's, which may lack all that is not a stream's. */
type NetStream = Duplex & Partial<Pick<Socket, 'bytesRead' | 'bytesWritten' | 'setKeepAlive' | 'setNoDelay'>>

export class NodeLink implements Link {
  readonly #target: NodeTarget
  readonly #options: DialOptions
  readonly #listener: LinkListener
  readonly #WebSocket: typeof NodeWebSocket
  /** Of the latest request: a redirect makes another one. */
  #socket!: NodeWebSocket
  #stream: NetStream | undefined
  /** Bytes received, of a stream that does not count them. */
  #read = 0
  /** Made for the first message. */
  #outgoing: Outgoing | undefined
  /** After drop() nothing is told any more, no redirect followed. */
  #life: 'held' | 'dropped' = 'held'
  #binaryType: 'arraybuffer' | 'blob'

  /** @param WebSocket The class of `ws`. */
  constructor(
    target: NodeTarget,
    options: DialOptions,
    listener: LinkListener,
    WebSocket: typeof NodeWebSocket,
  ) {
    this.#WebSocket = WebSocket
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
    // a class that extends it may keep our options to itself
    let timings = (): HandshakeDetail['timings'] => ({ dns: 0, tcp: 0, tls: 0, upgrade: 0 })
    const socket = new this.#WebSocket(hop.url, hop.protocols && [...hop.protocols], {
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
      const { statusCode = 0, headers } = response
      const stream: NetStream = (this.#stream = response.socket)
      const answer = { status: statusCode, headers: bounded(headers), timings: timings() }
      socket.on('open', () => {
        const { protocol, extensions } = socket
        // ws has turned the delay off by now, and an agent has ways of its own
        if (node.noDelay === false) stream.setNoDelay?.(false)
        // a Duplex of createConnection's has neither, nor does it count
        if (node.keepAlive) stream.setKeepAlive?.(true, node.keepAlive === true ? 0 : node.keepAlive)
        if (stream.bytesRead === undefined) stream.on('data', ({ length }: Buffer) => (this.#read += length))
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
      if ('url' in next) return this.#follow(next, response)
      readRefusal(response, next.problem, (error) => this.#fail(error))
    })
  }

  /** Lets go of the request that was redirected, and makes the next one. */
  #follow(hop: Hop, response: IncomingMessage): void {
    this.#target
      .agentFor(hop.url)
      .then((agent) => {
        if (this.#life === 'dropped') return
        // its own options go before ours: it would show its certificate there too
        if (hop.foreign && agent === this.#target.agent && identifies(agent))
          return readRefusal(
            response,
            'it leads to another origin, and the agent has a certificate',
            (error) => this.#fail(error),
          )
        abandon(this.#socket)
        this.#request(hop, agent)
      })
      .catch((error: unknown) => this.#fail(error))
  }

  #fail(error: unknown): void {
    if (this.#life === 'dropped') return
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
    return (this.#outgoing ?? this.#socket).bufferedAmount
  }

  get ready(): boolean {
    return this.#socket.readyState === OPEN
  }

  get binaryType(): 'arraybuffer' | 'blob' {
    return this.#binaryType
  }

  set binaryType(type) {
    this.#binaryType = type
    // ws knows 'blob', its types do not
    this.#socket.binaryType = type as 'arraybuffer'
  }

  send(message: Message): boolean {
    return (this.#outgoing ??= this.#begin()).send(message)
  }

  beat(data: Sendable): void {
    ;(this.#outgoing ??= this.#begin()).beat(data)
  }

  #begin(): Outgoing {
    const stream = this.#stream!
    const socket = this.#socket
    return isCounted(stream)
      ? new Counted({ socket, stream }, this.#listener)
      : new OneByOne({ socket, stream }, this.#listener)
  }

  unsent(): readonly Message[] {
    return this.#outgoing?.unsent() ?? []
  }

  close(code?: number, reason?: string): void {
    ;(this.#outgoing ?? this.#socket).close(code, reason)
  }

  drop(): void {
    this.#life = 'dropped'
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
    return this.#stream?.bytesRead ?? this.#read
  }

  taken(): number {
    return this.#stream ? taken(this.#stream) : 0
  }
}
