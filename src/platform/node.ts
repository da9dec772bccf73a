/** Node: `ws`, through isomorphic-ws, by its event emitter, which builds no event objects. */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import NodeWebSocket from 'isomorphic-ws'
import type { Data, Sendable } from '../options.js'
import { copyOf, isBlob } from '../payload.js'
import type { Message } from '../outbox.js'
import type { Target } from '../machine/state.js'
import { systemClock } from './clock.js'
import { clockJumps, shared } from './hints.js'
import type { DialOptions, Link, LinkListener, Platform } from './platform.js'
import { readRefusal } from './refusal.js'
import { dialWhatwg } from './whatwg.js'

export const platform: Platform = {
  clock: systemClock,
  random: () => Math.random(),
  hints: shared((tell) => clockJumps(systemClock, tell)),
  dial: (target, options, listener) =>
    options.WebSocket === undefined
      ? new NodeLink(target, options, listener)
      : dialWhatwg(options.WebSocket, target, options, listener),
}

class NodeLink implements Link {
  readonly #socket: NodeWebSocket
  #stream: Socket | undefined
  /** What was handed over and is not known to be written. */
  #handed: Message[] = []
  /** How many of them, from the first, are written, and only not called back yet. */
  #written = 0
  /** How many behind those are in the write that the network is busy with. */
  #batch = 0
  /** While the messages of a batch are called back one by one: how many the next batch has, begun just before. */
  #following: number | undefined
  /** Blobs among them: ws reads one asynchronously, and queues what comes behind it. */
  #blobs = 0
  readonly #onSent: (error?: Error) => void

  constructor(target: Target, { binaryType, closeTimeout, node }: DialOptions, listener: LinkListener) {
    const socket = new NodeWebSocket(target.url, target.protocols && [...target.protocols], {
      ...node,
      // its own wait after a Close frame is 30 s
      closeTimeout,
      ...(target.headers && { headers: target.headers }),
    } as NodeWebSocket.ClientOptions)
    this.#socket = socket
    this.binaryType = binaryType
    this.#onSent = (error) => {
      // the write in flight of a destroyed socket is called back without an error
      if (error || this.#stream?.destroyed) return
      this.#advance()
      const { data } = this.#handed.shift()!
      if (isBlob(data)) this.#blobs--
      listener.onSent()
    }
    socket.on('open', () => listener.onOpen())
    socket.on('message', (data, isBinary) =>
      listener.onMessage((isBinary ? data : (data as Buffer).toString()) as Data),
    )
    socket.on('pong', () => listener.onPong())
    socket.on('error', (error) => listener.onError(error))
    socket.on('close', (code, reason) => listener.onClose(code, reason.toString(), code !== 1006))
    socket.on('upgrade', (response: IncomingMessage) => {
      this.#stream = response.socket
      // ws waits without end for what is left to be written, which a peer that is gone never reads
      response.socket.once('end', () => listener.onEnding())
    })
    // ws leaves it to whoever listens here to end the request, and drop() does
    socket.on('unexpected-response', (_request, response: IncomingMessage) =>
      readRefusal(response, (error) => {
        listener.onError(error)
        listener.onClose(1006, '', false)
      }),
    )
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
    return this.#socket.binaryType as 'arraybuffer' | 'blob'
  }

  set binaryType(type) {
    // ws knows 'blob', its types do not
    this.#socket.binaryType = type as 'arraybuffer'
  }

  send({ data, expires }: Message): void {
    const bytes = this.#write(data, this.#onSent)
    // nothing is held back: this message, and with it all before, went to the network
    const through = this.#socket.bufferedAmount === 0 && this.#blobs === 0
    // what may have to be sent again must not change meanwhile
    this.#handed.push({ data: through || bytes !== data ? bytes : copyOf(data), expires })
    if (through) {
      this.#written = this.#handed.length
      this.#batch = 0
      this.#following = undefined
    } else if (this.#batch === 0) this.#batch = 1
    if (isBlob(data)) this.#blobs++
  }

  beat(data: Sendable): void {
    this.#write(data)
  }

  /**
   * What waits in this process behind the write that the network is busy with. Of that write, nobody can tell how
   * much arrived.
   */
  unsent(): readonly Message[] {
    return this.#handed.slice(this.#written + this.#batch + (this.#following ?? 0))
  }

  /** The first message has been called back: what is on its way now? */
  #advance(): void {
    if (this.#written > 0) {
      this.#written--
      return
    }
    // Node writes all that had waited together, as soon as the write before is through
    this.#following ??= this.#handed.length - this.#batch
    this.#batch--
    if (this.#batch > 0) return
    // where nothing waited, what a listener has sent meanwhile began a write of its own
    this.#batch = this.#following || Math.min(1, this.#handed.length - 1)
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
    this.#socket.removeAllListeners()
    // terminate() before the connection is established emits `error`, uncaught where nobody listens
    this.#socket.on('error', () => {})
    this.#socket.terminate()
  }

  ping(): void {
    this.#socket.ping()
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
