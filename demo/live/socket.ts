/** A WebSocket class whose peer is the server inside the page. */
import type { EndpointName } from '../chaos.js'
import type { LiveServer } from './server.js'

const CONNECTING = 0
const OPEN = 1
const CLOSING = 2
const CLOSED = 3

type Listener = ((event: Event) => void) | null

export class LiveSocket extends EventTarget {
  static readonly CONNECTING = CONNECTING
  static readonly OPEN = OPEN
  static readonly CLOSING = CLOSING
  static readonly CLOSED = CLOSED
  /** Whom all sockets of the page talk to. */
  static server: LiveServer
  readonly CONNECTING = CONNECTING
  readonly OPEN = OPEN
  readonly CLOSING = CLOSING
  readonly CLOSED = CLOSED
  readonly url: string
  readonly protocol = ''
  readonly extensions = ''
  readonly bufferedAmount = 0
  binaryType = 'blob'
  readyState = CONNECTING
  onopen: Listener = null
  onmessage: Listener = null
  onerror: Listener = null
  onclose: Listener = null
  readonly #held: (() => void)[] = []

  constructor(url: string) {
    super()
    this.url = url
    LiveSocket.server.dial(this, this.endpoint, this.#name)
  }

  get endpoint(): EndpointName {
    return new URL(this.url).hostname === 'b' ? 'b' : 'a'
  }

  get #name(): string {
    return new URL(this.url).pathname.slice(1)
  }

  send(data: string): void {
    if (this.readyState === CONNECTING) throw new DOMException('not open yet', 'InvalidStateError')
    if (this.readyState === OPEN) LiveSocket.server.receive(this, this.#name, data)
  }

  close(code = 1005, reason = ''): void {
    if (this.readyState === CLOSING || this.readyState === CLOSED) return
    const connected = this.readyState === OPEN
    this.readyState = CLOSING
    if (!connected) return this.lost()
    const server = LiveSocket.server
    server.later(this, () => server.later(this, () => this.ended(code, reason)))
  }

  /** The server has accepted. */
  opened(): void {
    if (this.readyState !== CONNECTING) return
    this.readyState = OPEN
    this.#tell(new Event('open'))
  }

  received(data: string): void {
    if (this.readyState === OPEN) this.#tell(new MessageEvent('message', { data }))
  }

  /** A Close frame has come. A code that no server may send fails the connection. */
  ended(code: number, reason: string): void {
    const legal = code >= 1000 && code < 5000 && ![1004, 1006, 1015].includes(code)
    if (!legal) return this.lost()
    this.#over(new CloseEvent('close', { code, reason, wasClean: true }))
  }

  /** The connection broke, or was never made. */
  lost(): void {
    this.#over(new Event('error'), new CloseEvent('close', { code: 1006, wasClean: false }))
  }

  /** Something that has come while nothing passes. */
  hold(what: () => void): void {
    this.#held.push(what)
  }

  flow(): void {
    for (const what of this.#held.splice(0)) what()
  }

  #over(...events: Event[]): void {
    if (this.readyState === CLOSED) return
    LiveSocket.server.forget(this)
    // as in a browser: never before the call that set it off has returned
    setTimeout(() => {
      if (this.readyState === CLOSED) return
      this.readyState = CLOSED
      for (const event of events) this.#tell(event)
    })
  }

  #tell(event: Event): void {
    this[`on${event.type}` as 'onopen']?.(event)
    this.dispatchEvent(event)
  }
}
