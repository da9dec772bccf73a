/** A link over `ws`, using its event emitter directly, without event objects. */
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type NodeWebSocket from 'isomorphic-ws'
import type { AgentLike, NodeOptions } from '../../options/node-options.js'
import type { Message } from '../../delivery/outbox.js'
import type { Data, Sendable } from '../../delivery/payload.js'
import type { DialOptions, HandshakeDetail, Link, LinkListener } from '../platform.js'
import { readRefusal } from '../refusal.js'
import { Counted } from './counted.js'
import { bounded, watch } from './handshake.js'
import { deafen, type Ear, hear } from './hear.js'
import { OneByOne } from './one-by-one.js'
import type { Outgoing } from './outgoing.js'
import type { NodeTarget } from './provide.js'
import { type Hop, redirect } from './redirect.js'
import { clientOptions, identifies } from './request.js'
import { isCounted } from './stream.js'
import { taken } from './taken.js'

const OPEN = 1

/** Disconnects at once; no events follow. */
function abandon(socket: NodeWebSocket): void {
  deafen(socket)
  socket.terminate()
}

/** A `net.Socket`, or a user's Duplex, which may have only the members of a stream. */
type NetStream = Duplex &
  Partial<Pick<Socket, 'bytesRead' | 'bytesWritten' | 'setKeepAlive' | 'setNoDelay'>> & {
    [LISTENER]?: LinkListener
  }

const LISTENER = Symbol('everopen.listener')

/** ws waits without limit for pending writes, which a dead peer never reads */
function onEnd(this: NetStream): void {
  this[LISTENER]!.onEnding()
}

/** Details of a handshake that is under way. */
interface Handshake {
  readonly target: NodeTarget
  readonly hop: Hop
  /** Returns the durations of the steps so far, and stops observing. */
  timings: () => HandshakeDetail['timings']
  answer?: Pick<HandshakeDetail, 'status' | 'headers' | 'timings'>
}

export class NodeLink implements Link, Ear {
  readonly #node: NodeOptions
  readonly #closeTimeout: number
  readonly #due: number
  readonly #listener: LinkListener
  readonly #WebSocket: typeof NodeWebSocket
  /** The socket of the latest request: a redirect creates another one. */
  #socket!: NodeWebSocket
  #handshake: Handshake | undefined
  #stream: NetStream | undefined
  /** Bytes received, for streams that do not count them. */
  #read = 0
  /** Created for the first message. */
  #outgoing: Outgoing | undefined
  /** After drop() no event is reported and no redirect followed. */
  #life: 'held' | 'dropped' = 'held'
  #binaryType: 'arraybuffer' | 'blob'

  /** @param WebSocket The class of `ws`. */
  constructor(
    target: NodeTarget,
    { node, closeTimeout, due = Infinity, binaryType }: DialOptions,
    listener: LinkListener,
    WebSocket: typeof NodeWebSocket,
  ) {
    this.#WebSocket = WebSocket
    this.#node = node
    this.#closeTimeout = closeTimeout
    this.#due = due
    this.#listener = listener
    this.#binaryType = binaryType
    const { url, protocols, headers = {} } = target
    this.#request(target, { url, protocols, headers, foreign: false, count: 0 }, target.agent)
  }

  #request(target: NodeTarget, hop: Hop, agent: AgentLike | undefined): void {
    // a derived class may not pass our options on
    const handshake: Handshake = { target, hop, timings: () => ({ dns: 0, tcp: 0, tls: 0, upgrade: 0 }) }
    const socket = new this.#WebSocket(hop.url, hop.protocols && [...hop.protocols], {
      ...clientOptions(hop, this.#node, agent, (request: ClientRequest) => {
        handshake.timings = watch(request)
        request.end()
      }),
      // the default of ws after a Close frame is 30 s
      closeTimeout: this.#closeTimeout,
    } as NodeWebSocket.ClientOptions)
    this.#handshake = handshake
    this.#socket = socket
    this.binaryType = this.#binaryType
    hear(socket, this)
  }

  hear(type: string, first: unknown, second: unknown): void {
    const listener = this.#listener
    switch (type) {
      case 'message':
        return second ? listener.onMessage(first as Data) : this.#text(first as Buffer)
      case 'ping':
        return listener.onReport('ping', first as Buffer)
      case 'pong':
        listener.onReport('pong', first as Buffer)
        return listener.onPong()
      case 'error':
        // the response that node:http could not parse: it may contain a cookie, and errors are often logged
        delete (first as { rawPacket?: unknown }).rawPacket
        return listener.onError(first)
      case 'close':
        return listener.onClose(first as number, (second as Buffer).toString(), first !== 1006)
      case 'upgrade':
        return this.#upgrade(first as IncomingMessage)
      case 'open':
        return this.#open()
      case 'unexpected-response':
        // ws expects whoever handles it to end the request; drop() does that
        return this.#refused(second as IncomingMessage)
    }
  }

  #text(bytes: Buffer): void {
    let text: string
    try {
      text = bytes.toString()
    } catch (error) {
      // longer than any string can be: with such a maxPayload, ws passes it on
      this.#socket.close(1009)
      return this.#listener.onError(error)
    }
    this.#listener.onMessage(text)
  }

  #upgrade({ statusCode = 0, headers, socket: stream }: IncomingMessage): void {
    const handshake = this.#handshake!
    handshake.answer = { status: statusCode, headers: bounded(headers), timings: handshake.timings() }
    this.#stream = stream
    this.#stream[LISTENER] = this.#listener
    stream.on('end', onEnd)
  }

  #open(): void {
    const { noDelay, keepAlive } = this.#node
    const { answer } = this.#handshake!
    const stream = this.#stream!
    // released once it is open
    this.#handshake = undefined
    // ws has disabled the delay by now, and an agent may have its own settings
    if (noDelay === false) stream.setNoDelay?.(false)
    // a Duplex from createConnection has neither method, and no counters
    if (keepAlive) stream.setKeepAlive?.(true, keepAlive === true ? 0 : keepAlive)
    if (stream.bytesRead === undefined) stream.on('data', ({ length }: Buffer) => (this.#read += length))
    const { protocol, extensions } = this
    this.#listener.onReport('handshake', { ...answer!, protocol, extensions })
    this.#listener.onOpen()
  }

  #refused(response: IncomingMessage): void {
    const { hop, timings } = this.#handshake!
    const { statusCode = 0, headers } = response
    const { followRedirects, maxRedirects = 10 } = this.#node
    const redirected = followRedirects && statusCode >= 300 && statusCode < 400 && headers.location
    const next = redirected ? redirect(hop, redirected, maxRedirects) : { problem: '' }
    timings()
    // the response counts, even if the connection breaks before all of it has been read or an agent been provided
    deafen(this.#socket)
    if ('url' in next) return this.#follow(next, response)
    this.#refuse(response, next.problem)
  }

  #refuse(response: IncomingMessage, problem: string): void {
    readRefusal(response, problem, (error) => this.#fail(error), this.#due - performance.now())
  }

  /** Abandons the redirected request, and makes the next one. */
  #follow(hop: Hop, response: IncomingMessage): void {
    const { target } = this.#handshake!
    target
      .agentFor(hop.url)
      .then((agent) => {
        if (this.#life === 'dropped') return
        // an agent's options override ours: it would present its client certificate there too
        if (hop.foreign && agent === target.agent && identifies(agent))
          return this.#refuse(response, 'it leads to another origin, and the agent has a certificate')
        abandon(this.#socket)
        this.#request(target, hop, agent)
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

  get payloads(): number {
    return this.#outgoing?.payloads ?? 0
  }

  get ready(): boolean {
    return this.#socket.readyState === OPEN
  }

  get binaryType(): 'arraybuffer' | 'blob' {
    return this.#binaryType
  }

  set binaryType(type) {
    this.#binaryType = type
    // ws supports 'blob', but its types do not
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
    this.#socket.ping(this.#node.pingPayload)
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
