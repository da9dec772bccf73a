/**
 * The application's `hello` on one connection. Until it is done, what arrives is for its `receive()`; what that leaves
 * is the listeners' afterwards.
 */
import { checkPayload, type Data, type Sendable } from '../delivery/payload.js'
import { HelloError } from '../diagnostics/errors.js'
import type { Hello, HelloExchange } from '../options/hello.js'
import { type Codec, decode, encode } from '../options/codec.js'
import type { Link } from '../platform/platform.js'

interface Receiver {
  readonly resolve: (data: Data) => void
  readonly reject: (error: HelloError) => void
}

export class Greeting {
  readonly #link: Link
  /** Most messages held. */
  readonly #limit: number
  /** What has arrived and was not taken: from `#first` on. */
  readonly #held: Data[] = []
  #first = 0
  readonly #receivers: Receiver[] = []
  #over: HelloError | undefined
  #refused = false

  constructor(link: Link, limit: number) {
    this.#link = link
    this.#limit = limit
  }

  /** Whether a `send` has found the platform transmitting no more, with its `close` still to come. */
  get refused(): boolean {
    return this.#refused
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
    if (this.#over) throw this.#over
    checkPayload(message)
    if (!this.#link.ready) {
      this.#refused = true
      throw overError()
    }
    // as a heartbeat: it belongs to this connection, and to no other
    this.#link.beat(message)
  }

  #receive(): Promise<Data> {
    if (this.#over || this.#first === this.#held.length) {
      const promise = new Promise<Data>((resolve, reject) => {
        if (this.#over) reject(this.#over)
        else this.#receivers.push({ resolve, reject })
      })
      // who raced it against something else may have lost interest
      promise.catch(() => {})
      return promise
    }
    const data = this.#held[this.#first++]!
    if (this.#first * 2 >= this.#held.length) {
      this.#held.splice(0, this.#first)
      this.#first = 0
      this.#link.resume?.()
    }
    return Promise.resolve(data)
  }

  /** A message has arrived. False where more are held than may be, and reading cannot be stopped. */
  take(data: Data): boolean {
    const receiver = this.#receivers.shift()
    if (receiver) {
      receiver.resolve(data)
      return true
    }
    this.#held.push(data)
    if (this.#held.length - this.#first < this.#limit) return true
    if (!this.#link.pause) return false
    // a few more may come, from what had been read before
    this.#link.pause()
    return true
  }

  /** The hello is over, with the error behind it where it is over too soon. Returns what was not taken, in order. */
  end(cause?: unknown): Data[] {
    this.#over ??= overError(cause)
    for (const { reject } of this.#receivers.splice(0)) reject(this.#over)
    return this.#held.splice(0).slice(this.#first)
  }
}

const overError = (cause?: unknown): HelloError => new HelloError('the hello is over', cause)
