/** Classes with the WHATWG interface that do not do all of it: React Native's, workerd's, Bun's own. */
import { type Data, isArrayBuffer, isBlob, payloadSize, type Sendable } from '../delivery/payload.js'
import type { WebSocketClass } from '../options/options.js'
import type { WebSocketLike } from './whatwg.js'

/** A class that makes up for what the given one does not do. */
export function completed(WebSocket: WebSocketClass): WebSocketClass {
  return class extends Completed {
    constructor(...args: [url: string, protocols?: string[]]) {
      super(new WebSocket(...args) as WebSocketLike)
    }
  }
}

class Completed implements WebSocketLike {
  readonly #socket: WebSocketLike
  #binaryType = 'arraybuffer'
  /** What waits behind a Blob that is being read, that one included. */
  readonly #waiting: Sendable[] = []
  #closing: [code?: number, reason?: string] | undefined
  onopen: WebSocketLike['onopen'] = null
  onmessage: WebSocketLike['onmessage'] = null
  onerror: WebSocketLike['onerror'] = null
  onclose: WebSocketLike['onclose'] = null

  constructor(socket: WebSocketLike) {
    this.#socket = socket
    socket.onopen = () => this.onopen?.()
    socket.onerror = (event) => this.onerror?.(event)
    socket.onmessage = ({ data }) => this.onmessage?.({ data: this.#asAsked(data) })
    // React Native never says that it was, Bun's own up to 1.3 of 1000 alone: who tells a code has had the peer's Close frame
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
    const { bufferedAmount } = this.#socket
    const held = typeof bufferedAmount === 'number' ? bufferedAmount : 0
    return this.#waiting.reduce((bytes, data) => bytes + payloadSize(data), held)
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
    // workerd would send the text "[object Blob]"; React Native's Blob cannot be read, and its class sends it
    const read = isBlob(data) && typeof data.arrayBuffer === 'function'
    if (!read && this.#waiting.length === 0) return this.#socket.send(data)
    if (this.#waiting.push(data) === 1) void this.#drain()
  }

  async #drain(): Promise<void> {
    try {
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        const data = isBlob(next) ? await next.arrayBuffer() : next
        // terminate() has emptied it
        if (this.#waiting[0] !== next) return
        this.#waiting.shift()
        this.#socket.send(data)
      }
    } catch (error) {
      // one that cannot be read ends the connection: what comes behind it must not come before it
      this.onerror?.({ error })
      this.#closing ??= []
    }
    if (this.#closing) this.#close(...this.#closing)
  }

  close(...args: [code?: number, reason?: string]): void {
    if (this.#waiting.length > 0 && this.#socket.readyState === 1) this.#closing = args
    else this.#close(...args)
  }

  /** Lets go at once: what waits is not sent any more. */
  terminate(): void {
    this.#waiting.length = 0
    this.#closing = undefined
    this.#socket.close()
  }

  #close(code?: number, reason?: string): void {
    // React Native's takes no `undefined`
    if (code === undefined) this.#socket.close()
    else this.#socket.close(code, reason)
  }

  /** workerd gives an ArrayBuffer whatever is asked for. */
  #asAsked(data: Data): Data {
    if (this.#binaryType !== 'blob' || !isArrayBuffer(data)) return data
    try {
      return new Blob([data])
    } catch {
      // React Native makes no Blob of bytes
      return data
    }
  }
}
