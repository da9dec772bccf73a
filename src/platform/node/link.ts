/** A link over `ws`, by its event emitter, which builds no event objects. */
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

/** Lets go at once: nothing follows. */
function abandon(socket: NodeWebSocket): void {
  deafen(socket)
  socket.terminate()
}

/** A `net.Socket`, or a Duplex of the user's, which may lack all that is not a stream's. */
type NetStream = Duplex &
  Partial<Pick<Socket, 'bytesRead' | 'bytesWritten' | 'setKeepAlive' | 'setNoDelay'>> & {
    [LISTENER]?: LinkListener
  }

const LISTENER = Symbol('everopen.listener')

/** ws waits without end for what is left to be written, which a peer that is gone never reads. */
function onEnd(this: NetStream): void {
  this[LISTENER]!.onEnding()
}

/** What is known of a handshake while it is under way. */
interface Handshake {
  readonly target: NodeTarget
  readonly hop: Hop
  /** What the steps took so far; nothing is watched any more. */
  timings: () => HandshakeDetail['timings']
  answer?: Pick<HandshakeDetail, 'status' | 'headers' | 'timings'>
}

export class NodeLink implements Link, Ear {
  readonly #node: NodeOptions
  readonly #closeTimeout: number
  readonly #listener: LinkListener
  readonly #WebSocket: typeof NodeWebSocket
  /** Of the latest request: a redirect makes another one. */
  #socket!: NodeWebSocket
  #handshake: Handshake | undefined
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
    { node, closeTimeout, binaryType }: DialOptions,
    listener: LinkListener,
    WebSocket: typeof NodeWebSocket,
  ) {
    this.#WebSocket = WebSocket
    this.#node = node
    this.#closeTimeout = closeTimeout
    this.#listener = listener
    this.#binaryType = binaryType
    const { url, protocols, headers = {} } = target
    this.#request(target, { url, protocols, headers, foreign: false, count: 0 }, target.agent)
  }

  #request(target: NodeTarget, hop: Hop, agent: AgentLike | undefined): void {
    // a class that extends it may keep our options to itself
    const handshake: Handshake = { target, hop, timings: () => ({ dns: 0, tcp: 0, tls: 0, upgrade: 0 }) }
    const socket = new this.#WebSocket(hop.url, hop.protocols && [...hop.protocols], {
      ...clientOptions(hop, this.#node, agent, (request: ClientRequest) => {
        handshake.timings = watch(request)
        request.end()
      }),
      // its own wait after a Close frame is 30 s
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
        return listener.onMessage((second ? first : (first as Buffer).toString()) as Data)
      case 'ping':
        return listener.onReport('ping', first as Buffer)
      case 'pong':
        listener.onReport('pong', first as Buffer)
        return listener.onPong()
      case 'error':
        return listener.onError(first)
      case 'close':
        return listener.onClose(first as number, (second as Buffer).toString(), first !== 1006)
      case 'upgrade':
        return this.#upgrade(first as IncomingMessage)
      case 'open':
        return this.#open()
      case 'unexpected-response':
        // ws leaves it to whoever hears of it to end the request, and drop() does
        return this.#refused(second as IncomingMessage)
    }
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
    // nothing of it stays
    this.#handshake = undefined
    // ws has turned the delay off by now, and an agent has ways of its own
    if (noDelay === false) stream.setNoDelay?.(false)
    // a Duplex of createConnection's has neither, nor does it count
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
    if ('url' in next) return this.#follow(next, response)
    readRefusal(response, next.problem, (error) => this.#fail(error))
  }

  /** Lets go of the request that was redirected, and makes the next one. */
  #follow(hop: Hop, response: IncomingMessage): void {
    const { target } = this.#handshake!
    target
      .agentFor(hop.url)
      .then((agent) => {
        if (this.#life === 'dropped') return
        // its own options go before ours: it would show its certificate there too
        if (hop.foreign && agent === target.agent && identifies(agent))
          return readRefusal(
            response,
            'it leads to another origin, and the agent has a certificate',
            (error) => this.#fail(error),
          )
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
