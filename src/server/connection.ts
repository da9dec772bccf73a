/** One connection: its socket, and what it may say when. Whatever is said out of turn ends it. */
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

/** How long the peer's Close may take, in ms. */
const CLOSE_TIMEOUT = 2_000

/** Whoever a connection belongs to once its hello is answered. */
export interface ConnectionListener {
  /** @param size Bytes of the payload. */
  payload(data: Payload, size: number): void
  control(control: Control | Malformed): void
  closed(): void
}

/**
 * - `greeting`: nothing but a hello is in order.
 * - `answering`: the hello is here, and nothing is in order before the answer.
 * - `live`: it belongs to a session.
 * - `closed`: nothing is heard any more.
 */
type Stage =
  | { readonly type: 'greeting' | 'answering' | 'closed' }
  | { readonly type: 'live'; readonly listener: ConnectionListener }

const OPEN = 1

/** A stream of Node. */
interface Corkable {
  cork(): void
  uncork(): void
}

export class Connection {
  /** The client's hello; nothing where the connection ends without. */
  readonly hello: Promise<Hello | undefined>
  readonly #socket: ServerSocket
  readonly #clock: Clock
  #stage: Stage = { type: 'greeting' }
  #greeted!: (hello: Hello | undefined) => void
  #closing: Timer
  /** `unheard`: nothing has come since it was last asked. `paused`: nothing can. */
  #life: 'heard' | 'unheard' | 'paused' = 'heard'

  constructor(socket: ServerSocket, clock: Clock) {
    this.#socket = socket
    this.#clock = clock
    this.hello = new Promise((resolve) => (this.#greeted = resolve))
    socket.on('message', (data, isBinary) => this.#message(data, isBinary))
    socket.on('pong', () => this.#hear())
    // what follows is 'close'
    socket.on('error', () => {})
    socket.on('close', () => this.#closed())
  }

  /** From now on it is `listener` who hears. One whose connection is closed already is told so next. */
  attach(listener: ConnectionListener): void {
    if (this.#stage.type === 'closed') queueMicrotask(() => listener.closed())
    else this.#stage = { type: 'live', listener }
  }

  send(data: Payload): void {
    if (this.#socket.readyState !== OPEN) return
    if (typeof data === 'string') this.#socket.send(escape(data), { binary: false })
    else this.#socket.send(data, { binary: true })
  }

  /** What is sent within `work` goes out as one write, where the socket is one of `ws`: the others have no such thing. */
  together(work: () => void): void {
    const tcp = (this.#socket as { readonly _socket?: Corkable | null })._socket
    tcp?.cork()
    try {
      work()
    } finally {
      tcp?.uncork()
    }
  }

  control(control: Control): void {
    if (this.#socket.readyState === OPEN) this.#socket.send(encode(control), { binary: false })
  }

  /** Closes it, and hears nothing more: not even that it has closed. */
  close(code: number, reason: string): void {
    if (this.#stage.type === 'closed') return
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

  /** Asks for a sign of life, and ends it where none has come since the last time. */
  probe(): void {
    if (this.#life === 'unheard') return this.#socket.terminate()
    if (this.#life === 'paused') return
    this.#life = 'unheard'
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
