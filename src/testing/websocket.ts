/** The client's side of a connection without a network: a class with the WHATWG interface. */
import { copyOf, type Data, type Sendable } from '../delivery/payload.js'
import { readAnswer } from '../platform/answer.js'
import { PLATFORM } from '../platform/platform-of.js'
import type { WebSocketClass } from '../options/options.js'
import { CloseEvent, MessageEvent } from '../websocket/events.js'
import { toClose, toSendable } from '../websocket/idl.js'
import type { TestClock } from './clock.js'

/** Who answers. */
export interface Wire {
  /** The client dials. */
  dialed(socket: ClientEnd): void
  /** The client has sent something. */
  sent(socket: ClientEnd, data: Sendable): void
  /** The client closes, or gives up a dial. */
  closing(socket: ClientEnd, code: number, reason: string): void
}

type Handler = ((event: Event) => unknown) | null

/** What the other end can do to it. */
export interface ClientEnd {
  readonly url: string
  readonly protocols: readonly string[]
  readonly readyState: number
  opened(protocol: string): void
  received(data: Sendable): void
  ended(code: number, reason: string, wasClean: boolean, error?: Error): void
}

/** A class whose instances are connected to `wire`. */
export function webSocketClass(wire: Wire, clock: TestClock | undefined): WebSocketClass {
  class WebSocket extends EventTarget implements ClientEnd {
    static readonly CONNECTING = 0
    static readonly OPEN = 1
    static readonly CLOSING = 2
    static readonly CLOSED = 3
    readonly CONNECTING = 0
    readonly OPEN = 1
    readonly CLOSING = 2
    readonly CLOSED = 3
    readonly url: string
    readonly protocols: readonly string[]
    readonly extensions = ''
    readonly bufferedAmount = 0
    protocol = ''
    readyState = 0
    binaryType: 'arraybuffer' | 'blob' = 'blob'
    onopen: Handler = null
    onmessage: Handler = null
    onerror: Handler = null
    onclose: Handler = null

    constructor(url: string | URL, protocols: string | readonly string[] = []) {
      super()
      this.url = new URL(url).href
      this.protocols = [protocols].flat()
      for (const type of ['open', 'message', 'error', 'close'] as const)
        this.addEventListener(type, (event) => this[`on${type}`]?.(event))
      wire.dialed(this)
    }

    send(data: unknown): void {
      if (this.readyState === 0) throw new DOMException('the connection is not open yet', 'InvalidStateError')
      const payload = toSendable(data)
      if (this.readyState === 1) wire.sent(this, copyOf(payload))
    }

    close(...args: [code?: unknown, reason?: unknown]): void {
      const [code = 1005, reason = ''] = toClose(...args)
      if (this.readyState > 1) return
      this.readyState = 2
      wire.closing(this, code, reason)
    }

    opened(protocol: string): void {
      this.readyState = 1
      this.protocol = protocol
      this.dispatchEvent(new Event('open'))
    }

    received(data: Sendable): void {
      if (this.readyState !== 1) return
      this.dispatchEvent(new MessageEvent(this.#arrived(data), new URL(this.url).origin))
    }

    ended(code: number, reason: string, wasClean: boolean, error?: Error): void {
      if (this.readyState === 3) return
      this.readyState = 3
      if (error) {
        const { message } = error
        this.dispatchEvent(Object.assign(new Event('error'), { error, message }))
      }
      this.dispatchEvent(new CloseEvent('close', { code, reason, wasClean }) as unknown as Event)
    }

    /** As `binaryType` says. */
    #arrived(data: Sendable): Data {
      if (typeof data === 'string' || 'arrayBuffer' in data) return data
      return this.binaryType === 'blob' ? new Blob([data as ArrayBuffer]) : bytesOf(data)
    }
  }
  // a server's answer is seen here on every platform
  const parts = { readAnswer: { value: readAnswer }, ...(clock && { clock: { value: clock } }) }
  Object.defineProperty(WebSocket, PLATFORM, { value: parts })
  return WebSocket
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): ArrayBuffer {
  const copy = copyOf(data) as ArrayBuffer | Uint8Array<ArrayBuffer>
  return 'buffer' in copy ? copy.buffer : copy
}
