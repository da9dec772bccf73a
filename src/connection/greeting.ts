/**
 * The application's `hello` on one connection. Until it is done, what arrives is for its `receive()`; what that leaves
 * is the listeners' afterwards.
 */
import { checkPayload, type Data, type Sendable } from '../delivery/payload.js'
import { HelloError } from '../diagnostics/errors.js'
import type { Hello, HelloExchange } from '../options/hello.js'
import { type Codec, decode, encode } from '../options/codec.js'
import { Queue } from '../delivery/queue.js'
import type { Link } from '../platform/platform.js'

/**
 * `late`: a `send` has found the platform transmitting no more, with its `close` still to come. An error: it is over,
 * and this is why.
 */
type GreetingState = 'on' | 'late' | HelloError

interface Receiver {
  readonly resolve: (data: Data) => void
  readonly reject: (error: HelloError) => void
}

export class Greeting {
  readonly #link: Link
  /** Most messages held. */
  readonly #limit: number
  /** What has arrived and was not taken. */
  readonly #held = new Queue<Data>()
  readonly #receivers: Receiver[] = []
  #state: GreetingState = 'on'

  constructor(link: Link, limit: number) {
    this.#link = link
    this.#limit = limit
  }

  get state(): GreetingState {
    return this.#state
  }

  /** What says that the server has accepted the handshake, and only the hello is missing. */
  get unfinished(): HelloError {
    return new HelloError('the hello has not finished: the server may not have answered it')
  }

  /** Resolves when the user's hello is done. Rejects with what it throws. */
  async run(
    hello: Hello<Sendable, Data>,
    codec: Codec<unknown, unknown> | undefined,
    detail: Omit<HelloExchange<Sendable, Data>, 'send' | 'receive'>,
  ): Promise<void> {
    const send = (message: Sendable): void => this.#send(codec ? encode(codec, message) : message)
    const receive = (): Promise<Data> => {
      const received = this.#receive()
      if (!codec) return received
      const decoded = received.then((data) => decode(codec, data) as Data)
      decoded.catch(() => {})
      return decoded
    }
    const given = typeof hello === 'function' ? await hello({ ...detail, send, receive }) : hello
    if (given !== undefined) send(given)
  }

  #send(message: Sendable): void {
    if (isOver(this.#state)) throw this.#state
    checkPayload(message)
    if (!this.#link.ready) {
      this.#state = 'late'
      throw overError()
    }
    // as a heartbeat: it belongs to this connection, and to no other
    this.#link.beat(message)
  }

  #receive(): Promise<Data> {
    const data = this.#held.shift()
    if (data !== undefined) {
      if (this.#held.size <= this.#limit / 2) this.#link.resume?.()
      return Promise.resolve(data)
    }
    const promise = new Promise<Data>((resolve, reject) => {
      if (isOver(this.#state)) reject(this.#state)
      else this.#receivers.push({ resolve, reject })
    })
    // who raced it against something else may have lost interest
    promise.catch(() => {})
    return promise
  }

  /** A message has arrived. False where more are held than may be, and reading cannot be stopped. */
  take(data: Data): boolean {
    const receiver = this.#receivers.shift()
    if (receiver) {
      receiver.resolve(data)
      return true
    }
    this.#held.push(data)
    if (this.#held.size < this.#limit) return true
    if (!this.#link.pause) return false
    // a few more may come, from what had been read before
    this.#link.pause()
    return true
  }

  /** The hello is over, with the error behind it where it is over too soon. Returns what was not taken, in order. */
  end(cause?: unknown): Data[] {
    const over = isOver(this.#state) ? this.#state : overError(cause)
    this.#state = over
    for (const { reject } of this.#receivers.splice(0)) reject(over)
    const rest = [...this.#held]
    this.#held.clear()
    return rest
  }
}

const overError = (cause?: unknown): HelloError => new HelloError('the hello is over', cause)

function isOver(state: GreetingState): state is HelloError {
  return typeof state === 'object'
}
