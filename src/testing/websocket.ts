/** The client's side of a connection without a network: a class with the WHATWG interface. */
import { ConnectionError } from '../diagnostics/errors.js'
import type { Data, Sendable } from '../delivery/payload.js'
import { readAnswer } from '../platform/answer.js'
import { PLATFORM } from '../platform/platform-of.js'
import type { WebSocketClass } from '../options/options.js'
import { CloseEvent, MessageEvent } from '../websocket/events.js'
import { checkProtocols, checkUrls, toClose, toProtocols, toSendable } from '../websocket/idl.js'
import type { TestClock } from './clock.js'
import type { ClientEnd, TestConnection } from './connection.js'
import { post } from './way.js'

/** Acts on the server's side, once what was sent before has arrived. There is no connection if none was accepted. */
export type ServerEnd = (act: (connection: TestConnection | void) => void, ready?: Promise<unknown>) => void

type Handler = ((event: Event) => unknown) | null

/** @param dial Receives each client. */
export function webSocketClass(
  dial: (client: ClientEnd) => ServerEnd,
  clock: TestClock | undefined,
): WebSocketClass {
  class WebSocket extends EventTarget implements ClientEnd {
    readonly url: string
    readonly protocols: readonly string[]
    readonly extensions = ''
    readonly bufferedAmount = 0
    protocol = ''
    readyState = 0
    onopen: Handler = null
    onmessage: Handler = null
    onerror: Handler = null
    onclose: Handler = null
    readonly #server: ServerEnd
    #binaryType: 'arraybuffer' | 'blob' = 'blob'

    constructor(url: string | URL, protocols: string | readonly string[] = []) {
      super()
      this.url = checkUrls(String(url), false) as string
      this.protocols = checkProtocols(toProtocols(protocols)) as string[]
      for (const type of ['open', 'message', 'error', 'close'] as const)
        this.addEventListener(type, (event) => this[`on${type}`]?.(event))
      this.#server = dial(this)
    }

    get binaryType(): 'arraybuffer' | 'blob' {
      return this.#binaryType
    }
    // an attribute of an enumeration: any other value is ignored
    set binaryType(type: 'arraybuffer' | 'blob') {
      if (type === 'blob' || type === 'arraybuffer') this.#binaryType = type
    }

    send(data: unknown): void {
      if (this.readyState === 0) throw new DOMException('the connection is not open yet', 'InvalidStateError')
      const payload = toSendable(data)
      if (this.readyState !== 1) return
      const posted = post(payload)
      this.#server((connection) => connection!.took(posted.data), posted.ready)
    }

    close(...args: [code?: unknown, reason?: unknown]): void {
      const [code = 1005, reason = ''] = toClose(...args)
      if (this.readyState > 1) return
      this.readyState = 2
      this.#server((connection) => {
        if (connection) connection.heard(code, reason)
        else this.ended(new ConnectionError('closed before the connection was established'))
      })
    }

    opened(protocol: string): void {
      this.readyState = 1
      this.protocol = protocol
      this.dispatchEvent(new Event('open'))
    }

    received(data: Sendable): void {
      if (this.readyState !== 1) return
      let given = data as Data | Uint8Array<ArrayBuffer>
      if (typeof given !== 'string' && !('arrayBuffer' in given))
        if (this.binaryType === 'blob') given = new Blob([given])
        else if ('buffer' in given) given = given.buffer
      this.dispatchEvent(new MessageEvent(given, new URL(this.url).origin))
    }

    ended(error: Error | undefined, code = 1006, reason = ''): void {
      if (this.readyState === 3) return
      this.readyState = 3
      if (error) this.dispatchEvent(Object.assign(new Event('error'), { error, message: error.message }))
      this.dispatchEvent(
        new CloseEvent('close', { code, reason, wasClean: code !== 1006 }) as unknown as Event,
      )
    }
  }
  const constants = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 }
  for (const object of [WebSocket, WebSocket.prototype]) Object.assign(object, constants)
  // the HTTP response of a server is visible here on every platform
  const parts = { readAnswer: { value: readAnswer }, ...(clock && { clock: { value: clock } }) }
  Object.defineProperty(WebSocket, PLATFORM, { value: parts })
  return WebSocket
}
