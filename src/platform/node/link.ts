/** A link over `ws`, by its event emitter, which builds no event objects. */
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
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
import { clientOptions } from './request.js'
import { isCounted } from './stream.js'

const OPEN = 1
/** Where a platform socket, or its stream, has the link that hears of it: a listener for all costs no closure for each. */
const LINK = Symbol('link')

type Linked<T> = T & { [LINK]: NodeLink }

/** Lets go at once: nothing follows. */
function abandon(socket: NodeWebSocket): void {
  socket.removeAllListeners()
  // terminate() before the connection is established emits `error`, uncaught where nobody listens
  socket.on('error', ignore)
  socket.terminate()
}

function ignore(): void {}

function onMessage(this: NodeWebSocket, data: unknown, isBinary: boolean): void {
  ;(this as Linked<NodeWebSocket>)[LINK].listener.onMessage(
    (isBinary ? data : (data as Buffer).toString()) as Data,
  )
}

function onPing(this: NodeWebSocket, data: Buffer): void {
  ;(this as Linked<NodeWebSocket>)[LINK].listener.onReport('ping', data)
}

function onPong(this: NodeWebSocket, data: Buffer): void {
  const { listener } = (this as Linked<NodeWebSocket>)[LINK]
  listener.onReport('pong', data)
  listener.onPong()
}

function onError(this: NodeWebSocket, error: Error): void {
  ;(this as Linked<NodeWebSocket>)[LINK].listener.onError(error)
}

function onClose(this: NodeWebSocket, code: number, reason: Buffer): void {
  ;(this as Linked<NodeWebSocket>)[LINK].listener.onClose(code, reason.toString(), code !== 1006)
}

/** ws waits without end for what is left to be written, which a peer that is gone never reads. */
function onEnd(this: Socket): void {
  ;(this as Linked<Socket>)[LINK].listener.onEnding()
}

export class NodeLink implements Link {
  readonly listener: LinkListener
  readonly #target: NodeTarget
  readonly #options: DialOptions
  readonly #WebSocket: typeof NodeWebSocket
  /** Of the latest request: a redirect makes another one. */
  #socket!: NodeWebSocket
  #stream: Socket | undefined
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
    this.listener = listener
    this.#binaryType = options.binaryType
    const { url, protocols, headers = {} } = target
    this.#request({ url, protocols, headers, foreign: false, count: 0 }, target.agent)
  }

  #request(hop: Hop, agent: AgentLike | undefined): void {
    const { closeTimeout, node } = this.#options
    // a class that extends it may keep our options to itself
    let timings = (): HandshakeDetail['timings'] => ({ dns: 0, tcp: 0, tls: 0, upgrade: 0 })
    const socket = new this.#WebSocket(hop.url, hop.protocols && [...hop.protocols], {
      ...clientOptions(hop, node, agent, (request: ClientRequest) => {
        timings = watch(request)
        request.end()
      }),
      // its own wait after a Close frame is 30 s
      closeTimeout,
    } as NodeWebSocket.ClientOptions) as Linked<NodeWebSocket>
    socket[LINK] = this
    this.#socket = socket
    this.binaryType = this.#binaryType
    socket
      .on('message', onMessage)
      .on('ping', onPing)
      .on('pong', onPong)
      .on('error', onError)
      .on('close', onClose)
    const onUpgrade = (response: IncomingMessage): void => this.#upgrade(socket, response, timings())
    // ws leaves it to whoever listens here to end the request, and drop() does
    const onRefused = (_request: ClientRequest, response: IncomingMessage): void =>
      this.#refused(hop, response)
    socket.once('upgrade', onUpgrade).once('unexpected-response', onRefused)
    // what belongs to the handshake alone does not stay
    socket.once('open', () => socket.off('upgrade', onUpgrade).off('unexpected-response', onRefused))
  }

  #upgrade(
    socket: Linked<NodeWebSocket>,
    response: IncomingMessage,
    timings: HandshakeDetail['timings'],
  ): void {
    const { statusCode = 0, headers } = response
    const { node } = this.#options
    const stream = response.socket as Linked<Socket>
    stream[LINK] = this
    this.#stream = stream
    const answer = { status: statusCode, headers: bounded(headers), timings }
    socket.once('open', () => {
      const { protocol, extensions } = socket
      // ws has turned the delay off by now, and an agent has ways of its own
      if (node.noDelay === false) stream.setNoDelay(false)
      if (node.keepAlive) stream.setKeepAlive(true, node.keepAlive === true ? 0 : node.keepAlive)
      this.listener.onReport('handshake', { ...answer, protocol, extensions })
      this.listener.onOpen()
    })
    stream.once('end', onEnd)
  }

  #refused(hop: Hop, response: IncomingMessage): void {
    const { statusCode = 0, headers } = response
    const { followRedirects, maxRedirects = 10 } = this.#options.node
    const redirected = followRedirects && statusCode >= 300 && statusCode < 400 && headers.location
    const next = redirected ? redirect(hop, redirected, maxRedirects) : { problem: '' }
    if ('url' in next) return this.#follow(next)
    readRefusal(response, next.problem, (error) => this.#fail(error))
  }

  /** Lets go of the request that was redirected, and makes the next one. */
  #follow(hop: Hop): void {
    abandon(this.#socket)
    this.#target
      .agentFor(hop.url)
      .then((agent) => {
        if (this.#life === 'held') this.#request(hop, agent)
      })
      .catch((error: unknown) => this.#fail(error))
  }

  #fail(error: unknown): void {
    if (this.#life === 'dropped') return
    this.listener.onError(error)
    this.listener.onClose(1006, '', false)
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
      ? new Counted({ socket, stream }, this.listener)
      : new OneByOne({ socket, stream }, this.listener)
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
    return this.#stream?.bytesRead ?? 0
  }
}
