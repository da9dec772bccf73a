/** One connection: its socket, and which messages are allowed when. Any other message ends it. */
import { type Clock, type Timer } from '../time/clock.js'
import {
  type Control,
  closeCodes,
  decode,
  encode,
  escape,
  type Hello,
  isControl,
  isMarked,
  type Malformed,
  PING,
  unescape,
} from '../session/protocol/wire.js'
import type { ServerSocket } from './socket.js'
import type { Payload } from './store.js'

/** Time limit for the peer's Close frame, in ms. */
const CLOSE_TIMEOUT = 2_000
/** So many control messages may wait for a client to read them: none that keeps to its window has so many. */
const MOST_UNREAD = 1_024

/** Receives the events of a connection after its hello has been answered. */
export interface ConnectionListener {
  /** @param size Size of the payload in bytes. */
  payload(data: Payload, size: number): void
  control(control: Control | Malformed): void
  closed(): void
}

/**
 * - `greeting`: only a hello is allowed.
 * - `answering`: the hello has arrived; nothing is allowed before the answer.
 * - `live`: the connection belongs to a session.
 * - `closed`: messages are ignored.
 */
type Stage =
  | { readonly type: 'greeting' | 'answering' | 'closed' }
  | { readonly type: 'live'; readonly listener: ConnectionListener }

const OPEN = 1

/** The part of a Node stream that is needed. */
interface Corkable {
  cork(): void
  uncork(): void
}

export class Connection {
  /** The client's hello; undefined if the connection is over before it comes. */
  readonly hello: Promise<Hello | undefined>
  readonly #socket: ServerSocket
  readonly #clock: Clock
  #stage: Stage = { type: 'greeting' }
  #greeted!: (hello: Hello | undefined) => void
  #closing: Timer
  /** `unheard`: nothing has arrived since the last ping. `paused`: nothing can arrive. */
  #life: 'heard' | 'unheard' | 'paused' = 'heard'
  /** Control messages that the system does not have yet. */
  #unread = 0

  constructor(socket: ServerSocket, clock: Clock) {
    this.#socket = socket
    this.#clock = clock
    this.hello = new Promise((resolve) => (this.#greeted = resolve))
    socket.on('message', (data, isBinary) => this.#message(data, isBinary))
    socket.on('pong', () => this.#hear())
    // 'close' follows
    socket.on('error', () => {})
    socket.on('close', () => this.#closed())
  }

  get closed(): boolean {
    return this.#stage.type === 'closed'
  }

  /** Passes events to `listener` from now on. If the connection has closed already, that is reported next. */
  attach(listener: ConnectionListener): void {
    if (this.closed) queueMicrotask(() => listener.closed())
    else this.#stage = { type: 'live', listener }
  }

  send(data: Payload): void {
    if (this.#socket.readyState !== OPEN) return
    if (typeof data === 'string') this.#socket.send(escape(data), { binary: false })
    else this.#socket.send(data, { binary: true })
  }

  /** Writes everything that `work` sends at once, if the socket is one of `ws`; others cannot. */
  together(work: () => void): void {
    const tcp = (this.#socket as { readonly _socket?: Corkable | null })._socket
    tcp?.cork()
    try {
      work()
    } finally {
      tcp?.uncork()
    }
  }

  /** Ends the connection of a client that has many answered and reads nothing: they would fill the memory. */
  control(control: Control): void {
    const socket = this.#socket
    if (socket.readyState !== OPEN) return
    // where nothing is buffered none waits, and a socket that is not one of `ws` may not tell
    if (!socket.bufferedAmount) this.#unread = 0
    if (this.#unread === MOST_UNREAD) return socket.terminate()
    this.#unread++
    socket.send(encode(control), { binary: false }, () => this.#unread > 0 && this.#unread--)
  }

  /** Closes the connection. No more events are reported, not even its close. */
  close(code: number, reason: string): void {
    if (this.closed) return
    this.#over()
    this.#socket.resume()
    this.#socket.close(code, reason)
    this.#closing = this.#clock.setTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT)
  }

  pause(): void {
    if (this.#socket.readyState !== OPEN) return
    this.#life = 'paused'
    this.#socket.pause()
  }

  resume(): void {
    this.#life = 'heard'
    this.#socket.resume()
  }

  /**
   * Pings the peer, and ends the connection if nothing has arrived since the last ping. While it is paused, only a ping
   * that cannot be written shows that the peer is gone.
   */
  probe(): void {
    if (this.#life === 'unheard') return this.#socket.terminate()
    if (this.#life === 'heard') this.#life = 'unheard'
    if (this.#socket.readyState === OPEN) this.#socket.ping()
  }

  #message(data: Uint8Array, isBinary: boolean): void {
    const stage = this.#stage
    if (stage.type === 'closed') return
    this.#hear()
    if (stage.type !== 'live') return this.#greeting(isBinary ? undefined : decodeText(data))
    if (isBinary) return stage.listener.payload(data, data.byteLength)
    const text = decodeText(data)
    if (!isMarked(text)) return stage.listener.payload(text, data.byteLength)
    if (text === PING) return this.control({ type: 'ping' })
    if (isControl(text)) return stage.listener.control(decode(text))
    stage.listener.payload(unescape(text), data.byteLength - 1)
  }

  #greeting(text: string | undefined): void {
    if (this.#stage.type === 'answering')
      return this.close(closeCodes.violation, 'a message before the welcome')
    const control = text !== undefined && isControl(text) ? decode(text) : undefined
    if (control?.type !== 'hello')
      return this.close(
        closeCodes.violation,
        control?.type === 'malformed' ? control.problem : 'a message before the hello',
      )
    this.#stage = { type: 'answering' }
    this.#greeted(control)
  }

  #hear(): void {
    if (this.#life === 'unheard') this.#life = 'heard'
  }

  #closed(): void {
    this.#clock.clearTimeout(this.#closing)
    const stage = this.#over()
    if (stage.type === 'live') stage.listener.closed()
  }

  #over(): Stage {
    const stage = this.#stage
    this.#stage = { type: 'closed' }
    this.#greeted(undefined)
    return stage
  }
}

function decodeText(data: Uint8Array): string {
  return (data as Buffer).toString()
}
