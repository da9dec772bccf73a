/** A link over any class with the WHATWG WebSocket interface. */
import type { WebSocketClass } from '../options/options.js'
import type { Message } from '../delivery/outbox.js'
import { type Buffered, Latest } from './buffered.js'
import type { DialOptions, Link, LinkListener } from './platform.js'
import type { Target } from '../machine/state.js'
import type { Data, Sendable } from '../delivery/payload.js'
import { systemClock, type Timer } from '../time/clock.js'

const OPEN = 1
/** How long after a message it is checked whether messages can be forgotten, in ms. */
const SWEEP = 1_000
const CLOSED = 3
/** Marks a message of the heartbeat. */
const BEAT = -Infinity

/** The part of the WHATWG interface that is needed. Some classes lack the optional members. */
export interface WebSocketLike {
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
  /**
   * For `everopen/tabs`: whether the application's hello on the connection is done. True at `open` if another tab owns
   * the connection; otherwise that tab's sockets wait for it.
   */
  greeted?: boolean
  send(data: Sendable): void
  close(code?: number, reason?: string): void
  /** For `ws`: disconnects at once. */
  terminate?(): void
}

/** @param buffered How to interpret the `bufferedAmount` of that class. */
export function dialWhatwg(
  WebSocket: WebSocketClass,
  { url, protocols }: Target,
  { binaryType }: DialOptions,
  listener: LinkListener,
  buffered: Buffered,
): Link {
  const socket = protocols === undefined ? new WebSocket(url) : new WebSocket(url, [...protocols])
  return new WhatwgLink(socket as WebSocketLike, binaryType, listener, buffered)
}

class WhatwgLink implements Link {
  readonly #socket: WebSocketLike
  readonly #buffered: Buffered
  /** Bytes that the platform has buffered so far. */
  #total = 0
  #sweep: Timer

  constructor(
    socket: WebSocketLike,
    binaryType: 'arraybuffer' | 'blob',
    listener: LinkListener,
    buffered: Buffered,
  ) {
    this.#socket = socket
    // a class of `everopen/tabs` counts as the standard says
    this.#buffered = socket.greeted === undefined ? buffered : new Latest()
    if (socket.greeted !== undefined) socket.greeted = false
    this.binaryType = binaryType
    socket.onopen = () => listener.onOpen()
    socket.onmessage = (event) => listener.onMessage(event.data)
    // a browser's event has no details; that of ws has the error
    socket.onerror = (event) => listener.onError(event.error)
    // React Native's reason may be null
    socket.onclose = ({ code, reason, wasClean }) => listener.onClose(code, reason ?? '', !!wasClean)
  }

  get protocol(): string {
    return this.#socket.protocol ?? ''
  }

  get extensions(): string {
    return this.#socket.extensions ?? ''
  }

  get bufferedAmount(): number {
    const amount = this.#socket.bufferedAmount as number
    // workerd, React Native and mock-socket declare it and leave it undefined
    return amount > 0 ? amount : 0
  }

  get ready(): boolean {
    return this.#socket.readyState === OPEN
  }

  get shared(): boolean {
    return this.#socket.greeted === true
  }

  established(): void {
    if (this.#socket.greeted === false) this.#socket.greeted = true
  }

  get binaryType(): 'arraybuffer' | 'blob' {
    return this.#socket.binaryType as 'arraybuffer' | 'blob'
  }

  set binaryType(type) {
    try {
      this.#socket.binaryType = type
    } catch {
      // React Native without its Blob module: messages keep the type that the class delivers
    }
  }

  send(message: Message): boolean {
    const { data } = message
    const before = this.bufferedAmount
    const taken = this.#buffered.take(data)
    this.#socket.send(taken)
    const after = this.bufferedAmount
    if (after > before) this.#total += after - before
    this.#buffered.add(taken === data ? message : { ...message, data: taken }, before, after)
    if (this.#sweep === undefined) this.#sweepLater()
    return true
  }

  /**
   * No such class reports that its buffer is empty; without this, the last message would stay in memory until the next
   * one.
   */
  #sweepLater(): void {
    this.#sweep = systemClock.setTimeout(() => {
      this.#sweep = undefined
      if (this.bufferedAmount === 0) this.#buffered.forget()
      else this.#sweepLater()
    }, SWEEP)
  }

  beat(data: Sendable): void {
    this.send({ data, expires: BEAT })
  }

  taken(): number {
    return this.#total - this.bufferedAmount
  }

  unsent(): readonly Message[] {
    const socket = this.#socket
    // until it is closed, an engine keeps sending what it holds: the message may still arrive
    if (socket.readyState !== CLOSED && !socket.terminate) return []
    return this.#buffered.unsent(this.bufferedAmount).filter(({ expires }) => expires !== BEAT)
  }

  close(code?: number, reason?: string): void {
    if (code === undefined) this.#socket.close()
    else this.#socket.close(code, reason)
  }

  drop(): void {
    const socket = this.#socket
    systemClock.clearTimeout(this.#sweep)
    // a class may end within its send(), which sets no timer any more
    this.#sweep = 'dropped'
    // `error` keeps a listener: without one, ws throws an uncaught exception
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.onerror = ignore
    try {
      if (socket.terminate) socket.terminate()
      else socket.close()
    } catch {
      // the connection is abandoned either way
    }
  }
}

function ignore(): void {}
