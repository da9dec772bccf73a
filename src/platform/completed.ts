/** For classes that implement the WHATWG interface only in part: those of React Native, workerd and Bun. */
import type { Message } from '../delivery/outbox.js'
import {
  type BlobLike,
  copyOf,
  type Data,
  isArrayBuffer,
  isBlob,
  payloadSize,
  type Sendable,
} from '../delivery/payload.js'
import { Queue } from '../delivery/queue.js'
import type { Target } from '../machine/state.js'
import type { WebSocketClass } from '../options/options.js'
import { Latest } from './buffered.js'
import type { DialOptions, Link, LinkListener } from './platform.js'
import { dialWhatwg, type WebSocketLike } from './whatwg.js'

/** Dials with a class that adds what `WebSocket` lacks. */
export function dialCompleted(
  WebSocket: WebSocketClass,
  target: Target,
  options: DialOptions,
  listener: LinkListener,
): Link {
  const buffered = new Readable()
  const lose = (data: Sendable): void => {
    buffered.lost.add(data)
    listener.onLost(data)
  }
  const Class = class extends Completed {
    constructor(...args: [url: string, protocols?: string[]]) {
      super(new WebSocket(...args) as WebSocketLike, lose)
    }
  }
  return dialWhatwg(Class, target, options, listener, buffered)
}

class Readable extends Latest {
  /** Blobs that could not be read. */
  readonly lost = new Set<Sendable>()

  override unsent(amount: number): readonly Message[] {
    return super.unsent(amount).filter(({ data }) => !this.lost.has(data))
  }
}

class Completed implements WebSocketLike {
  readonly #socket: WebSocketLike
  readonly #lose: (data: Sendable) => void
  #binaryType = 'arraybuffer'
  /** A Blob that is being read, and everything queued behind it. */
  readonly #waiting = new Queue<Sendable>()
  /** Their size in bytes. */
  #bytes = 0
  #closing: [code?: number, reason?: string] | undefined
  onopen: WebSocketLike['onopen'] = null
  onmessage: WebSocketLike['onmessage'] = null
  onerror: WebSocketLike['onerror'] = null
  onclose: WebSocketLike['onclose'] = null

  /** @param lose Called with a Blob that cannot be read. */
  constructor(socket: WebSocketLike, lose: (data: Sendable) => void) {
    this.#socket = socket
    this.#lose = lose
    socket.onopen = () => this.onopen?.()
    socket.onerror = (event) => this.onerror?.(event)
    socket.onmessage = ({ data }) => this.onmessage?.({ data: this.#asAsked(data) })
    // React Native never reports a clean close, and Bun before 1.4 only for 1000: a code means that a Close frame was
    // received
    socket.onclose = ({ code, reason, wasClean }) =>
      this.onclose?.({ code, reason, wasClean: wasClean || (code >= 1000 && code !== 1006) })
  }

  get binaryType(): string {
    return this.#binaryType
  }

  set binaryType(type) {
    this.#binaryType = type
    this.#socket.binaryType = type
  }

  get bufferedAmount(): number {
    const bufferedAmount = this.#socket.bufferedAmount as number
    return this.#bytes + (bufferedAmount > 0 ? bufferedAmount : 0)
  }

  get protocol(): string {
    return this.#socket.protocol ?? ''
  }

  get extensions(): string {
    return this.#socket.extensions ?? ''
  }

  get readyState(): number {
    return this.#closing ? 2 : this.#socket.readyState
  }

  send(data: Sendable): void {
    // workerd would send the text "[object Blob]"; a React Native Blob has no `arrayBuffer()`, but can be sent as it is
    const read = isBlob(data) && typeof data.arrayBuffer === 'function'
    const first = this.#waiting.size === 0
    if (!read && first) return this.#socket.send(data)
    // copied because it is sent later
    this.#waiting.push(copyOf(data))
    this.#bytes += payloadSize(data)
    if (first) void this.#drain()
  }

  async #drain(): Promise<void> {
    try {
      for (let next = this.#waiting.peek(); next !== undefined; next = this.#waiting.peek()) {
        const data = isBlob(next) ? await bytesOf(next) : next
        // terminate() has emptied the queue
        if (this.#waiting.peek() !== next) return
        if (data !== undefined) this.#socket.send(data)
        this.#waiting.shift()
        this.#bytes -= payloadSize(next)
        if (data === undefined) this.#lose(next)
      }
    } catch (error) {
      // later messages must not overtake it
      this.onerror?.({ error })
      this.#closing ??= []
    }
    if (this.#closing) this.#close(...this.#closing)
  }

  close(...args: [code?: number, reason?: string]): void {
    if (this.#waiting.size > 0 && this.#socket.readyState === 1) this.#closing = args
    else this.#close(...args)
  }

  /** Disconnects at once; queued messages are not sent. */
  terminate(): void {
    this.#waiting.clear()
    this.#bytes = 0
    this.#closing = undefined
    this.#socket.close()
  }

  #close(code?: number, reason?: string): void {
    // React Native's close() does not accept `undefined`
    if (code === undefined) this.#socket.close()
    else this.#socket.close(code, reason)
  }

  /** workerd delivers an ArrayBuffer whatever `binaryType` is. */
  #asAsked(data: Data): Data {
    if (this.#binaryType !== 'blob' || !isArrayBuffer(data)) return data
    try {
      return new Blob([data])
    } catch {
      // React Native cannot create a Blob from bytes
      return data
    }
  }
}

/** `undefined` if it cannot be read. */
async function bytesOf(blob: BlobLike): Promise<ArrayBuffer | undefined> {
  try {
    return await blob.arrayBuffer()
  } catch {
    return undefined
  }
}
