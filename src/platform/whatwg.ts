/** A link over any class with the WHATWG WebSocket interface. */
import type { WebSocketClass } from '../options/options.js'
import type { Message } from '../delivery/outbox.js'
import { copyOf, payloadSize } from '../delivery/payload.js'
import type { DialOptions, Link, LinkListener } from './platform.js'
import type { Target } from '../machine/state.js'
import type { Data, Sendable } from '../delivery/payload.js'

const OPEN = 1
/** Marks a heartbeat among the messages. */
const BEAT = -Infinity
/** The least of `#many`. */
const MANY = 1_024
/** The longest header of a frame: RFC 6455 section 5.2. */
const HEADER = 14

interface Handed extends Message {
  /** What it adds to `bufferedAmount` while the platform holds it; rather more than less. */
  readonly cost: number
}

/** The part of the WHATWG interface that is used. Some classes lack what is optional here. */
interface WebSocketLike {
  binaryType: string
  readonly bufferedAmount?: unknown
  readonly extensions?: string | null
  readonly protocol?: string | null
  readonly readyState: number
  onopen: (() => void) | null
  onmessage: ((event: { readonly data: Data }) => void) | null
  onerror: ((event: { readonly error?: unknown }) => void) | null
  onclose:
    ((event: { readonly code: number; readonly reason: string; readonly wasClean: boolean }) => void) | null
  send(data: Sendable): void
  close(code?: number, reason?: string): void
  /** Of `ws`: lets go at once. */
  terminate?(): void
}

export function dialWhatwg(
  WebSocket: WebSocketClass,
  { url, protocols }: Target,
  { binaryType }: DialOptions,
  listener: LinkListener,
): Link {
  const socket = protocols === undefined ? new WebSocket(url) : new WebSocket(url, [...protocols])
  return new WhatwgLink(socket as WebSocketLike, binaryType, listener)
}

class WhatwgLink implements Link {
  readonly #socket: WebSocketLike
  /** What was handed over and may not have been transmitted. */
  #handed: Handed[] = []
  /** How many may be remembered before it is looked which of them need to be. */
  #many = MANY

  constructor(socket: WebSocketLike, binaryType: 'arraybuffer' | 'blob', listener: LinkListener) {
    this.#socket = socket
    this.binaryType = binaryType
    socket.onopen = () => listener.onOpen()
    socket.onmessage = (event) => listener.onMessage(event.data)
    // a browser's event says nothing; that of ws carries the error
    socket.onerror = (event) => listener.onError(event.error)
    socket.onclose = ({ code, reason, wasClean }) => listener.onClose(code, reason, !!wasClean)
  }

  get protocol(): string {
    return this.#socket.protocol ?? ''
  }

  get extensions(): string {
    return this.#socket.extensions ?? ''
  }

  get bufferedAmount(): number {
    const amount = this.#socket.bufferedAmount
    // workerd, React Native and mock-socket declare it, and leave it undefined
    return typeof amount === 'number' ? amount : 0
  }

  get ready(): boolean {
    return this.#socket.readyState === OPEN
  }

  get binaryType(): 'arraybuffer' | 'blob' {
    return this.#socket.binaryType as 'arraybuffer' | 'blob'
  }

  set binaryType(type) {
    try {
      this.#socket.binaryType = type
    } catch {
      // React Native without its module for Blobs: messages come as the class has them
    }
  }

  send(message: Message): boolean {
    const socket = this.#socket
    const before = this.bufferedAmount
    // a copy: it may have to be sent again, and ws reads the bytes later where it compresses
    const data = copyOf(message.data)
    socket.send(data)
    if (before === 0) this.#handed = []
    const cost = this.#cost(payloadSize(data), this.bufferedAmount - before)
    this.#handed.push({ data, expires: message.expires, cost })
    if (this.#handed.length > this.#many) this.#forget()
    return true
  }

  beat(data: Sendable): void {
    this.send({ data, expires: BEAT })
  }

  /** `bufferedAmount` is what the platform still holds, and it holds the latest: WHATWG WebSockets, "bufferedAmount". */
  unsent(): readonly Message[] {
    let held = this.bufferedAmount
    let first = this.#handed.length
    while (first > 0) {
      const { cost } = this.#handed[first - 1]!
      // an empty message leaves no trace, and counts only in front of one that is held
      if (!(held > 0 && cost <= held)) break
      held -= cost
      first--
    }
    return this.#handed.slice(first).filter(({ expires }) => expires !== BEAT)
  }

  /** Some engines count the headers of frames, though the standard has none. ws may come to count them later on. */
  #cost(size: number, added: number): number {
    if (this.#socket.terminate) return size + HEADER
    return added > 0 || size === 0 ? added : Infinity
  }

  /** Drops what has been transmitted from the record, where the platform is never idle. */
  #forget(): void {
    let held = 0
    let first = this.#handed.length - 1
    while (first > 0 && held < this.bufferedAmount) held += this.#handed[first--]!.cost
    this.#handed = this.#handed.slice(first)
    // looked at again when as many have come: a burst costs the same for each message
    this.#many = Math.max(MANY, 2 * this.#handed.length)
  }

  close(code?: number, reason?: string): void {
    if (code === undefined) this.#socket.close()
    else this.#socket.close(code, reason)
  }

  drop(): void {
    const socket = this.#socket
    // a listener stays on `error`: ws raises an uncaught exception where there is none
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.onerror = ignore
    try {
      if (socket.terminate) socket.terminate()
      else socket.close()
    } catch {
      // it is abandoned either way
    }
  }
}

function ignore(): void {}
