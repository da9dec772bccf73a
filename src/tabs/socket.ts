/** The class with the WHATWG interface on top of a member. */
import { copyOf, isArrayBuffer, payloadSize, type Sendable, utf8Length } from '../delivery/payload.js'
import { protocolProblem, resolveUrl } from '../options/url.js'
import type { ReconnectingWebSocket, WebSocketEvents } from '../websocket/types.js'
import { keyOf, type TabsOptions } from './options.js'
import { newRoom, type Room, type Scope } from './scope.js'
import { Shell } from './shell.js'

const CONNECTING = 0
const OPEN = 1
const CLOSING = 2
const CLOSED = 3
const constants = { CONNECTING, OPEN, CLOSING, CLOSED }

/** A WebSocket that shares its connection with the other tabs of an application. */
export type TabSocket = Omit<ReconnectingWebSocket, 'reconnect'>

/** The class that `tabs()` returns, with the platform's signature. */
export interface TabSocketConstructor {
  /** @throws DOMException SyntaxError for the URL and the protocols */
  new (url: string, protocols?: string | string[]): TabSocket
  readonly CONNECTING: 0
  readonly OPEN: 1
  readonly CLOSING: 2
  readonly CLOSED: 3
}

export function createClass(options: TabsOptions, scope: Scope): TabSocketConstructor {
  const rooms = new Map<string, Room>()

  class WebSocket extends EventTarget {
    readonly url: string
    readyState = CONNECTING
    protocol = ''
    extensions = ''
    binaryType = 'blob'
    onopen: unknown = null
    onmessage: unknown = null
    onerror: unknown = null
    onclose: unknown = null
    readonly #shell: Shell
    /** Whether the client is one of everopen, as `greeted` tells. */
    #own = false
    /** Bytes passed to send() after close(). */
    #late = 0

    constructor(url: unknown, protocols: string | string[] = []) {
      super()
      for (const type of ['open', 'message', 'error', 'close'] as const)
        this.addEventListener(type, (event) => {
          const handler = this[`on${type}`]
          if (typeof handler === 'function') Reflect.apply(handler, this, [event])
        })
      const resolved = resolveUrl(url)
      const list = [protocols].flat()
      if ('problem' in resolved) throw syntaxError(`the URL ${resolved.problem}`)
      const problem = protocolProblem(list)
      if (problem !== undefined) throw syntaxError(`the list of subprotocols ${problem}`)
      this.url = resolved.href
      const parsed = new URL(this.url)
      const { origin } = parsed
      const key = keyOf(options, parsed, list)
      const room = rooms.get(key) ?? newRoom(options.resubscribe?.read)
      rooms.set(key, room)
      this.#shell = new Shell({
        url: this.url,
        protocols: list,
        key,
        room,
        options,
        scope,
        opened: (protocol, extensions) => {
          this.readyState = OPEN
          this.protocol = protocol
          this.extensions = extensions
          this.#tell('open')
        },
        message: (data) =>
          this.#tell('message', {
            data: this.binaryType === 'blob' && isArrayBuffer(data) ? new Blob([data]) : data,
            origin,
          }),
        ended: (code, reason, wasClean, error) => {
          const end = (): void => {
            this.readyState = CLOSED
            if (!wasClean) this.#tell('error', { error })
            this.#tell('close', { code, reason, wasClean })
          }
          // close() emits nothing before it returns
          if (this.readyState === CLOSING) scope.setTimeout(end, 0)
          else end()
        },
      })
      this.#shell.join()
    }

    get bufferedAmount(): number {
      return this.#shell.bufferedAmount + this.#late
    }

    /**
     * Not in the standard: whether the application's handshake is done, here or in another tab. A client with a handshake
     * sets it to false while connecting. If it is still false at `open`, the client performs the handshake and sets it to
     * true.
     */
    get greeted(): boolean {
      return this.#shell.greeted
    }

    set greeted(value) {
      this.#own = true
      this.#shell.greeted = value
    }

    send(data: Sendable): void {
      if (this.readyState === CONNECTING)
        throw new DOMException('the connection is not open yet', 'InvalidStateError')
      // a message that waits for confirmation must not change
      const copy = copyOf(typeof data === 'object' ? data : String(data))
      const size = payloadSize(copy)
      if (this.readyState !== OPEN) this.#late += size
      else this.#shell.send(ArrayBuffer.isView(copy) ? (copy.buffer as ArrayBuffer) : copy, size)
    }

    close(code?: number, reason = ''): void {
      if (code !== undefined && code !== 1000 && !(code >= 3000 && code < 5000))
        throw new DOMException('the close code must be 1000 or from 3000 to 4999', 'InvalidAccessError')
      if (utf8Length(reason) > 123) throw syntaxError('the close reason must not be longer than 123 bytes')
      if (this.readyState >= CLOSING) return
      this.readyState = CLOSING
      // before everopen abandons a socket, it takes its listener away
      this.#shell.leave(this.#own && !this.onclose ? 'abandoned' : 'closed', code, reason)
    }

    #tell(type: keyof WebSocketEvents, detail?: object): void {
      this.dispatchEvent(Object.assign(new Event(type), detail))
    }
  }
  for (const object of [WebSocket, WebSocket.prototype]) Object.assign(object, constants)
  return WebSocket as unknown as TabSocketConstructor
}

function syntaxError(message: string): DOMException {
  return new DOMException(message, 'SyntaxError')
}
