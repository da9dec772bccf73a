/**
 * The application's `hello` on one connection. Until it is done, incoming messages go to its `receive()`; those it
 * leaves go to the listeners afterwards.
 */
import { checkPayload, type Data, type Sendable } from '../delivery/payload.js'
import { HelloError } from '../diagnostics/errors.js'
import type { Hello, HelloExchange } from '../options/hello.js'
import { type Codec, decode, encode } from '../options/codec.js'
import { Reader } from '../delivery/reader.js'
import type { Link } from '../platform/platform.js'

/**
 * `late`: a `send` found that the platform no longer sends, and its `close` is still to come. A HelloError: the hello
 * has ended, for this reason.
 */
type GreetingState = 'on' | 'late' | HelloError

export class Greeting {
  readonly #link: Link
  /** Messages that have arrived and were not received by the hello. */
  readonly #reader: Reader<Data>
  #state: GreetingState = 'on'

  constructor(link: Link, limit: number) {
    this.#link = link
    this.#reader = new Reader(
      limit,
      link.pause &&
        (() => {
          link.pause!()
          return () => link.resume!()
        }),
    )
  }

  get state(): GreetingState {
    return this.#state
  }

  /** The error for an attempt that ends after the handshake and before the hello is done. */
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
      const next = this.#reader.next()
      const received = codec ? next.then((data) => decode(codec, data) as Data) : next
      // in a race with another promise, the result may no longer matter
      received.catch(() => {})
      return received
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
    // sent like a heartbeat: a hello belongs to one connection and is never queued or resent
    this.#link.beat(message)
  }

  /** A message has arrived. Returns false if too many are held and reading cannot be paused. */
  take(data: Data): boolean {
    return this.#reader.add(data)
  }

  /** The hello is over; `cause` is the reason if it ends too early. Returns the remaining messages, in order. */
  end(cause?: unknown): Data[] {
    const over = isOver(this.#state) ? this.#state : overError(cause)
    this.#state = over
    this.#reader.end(({ reject }) => reject(over))
    return this.#reader.clear()
  }
}

const overError = (cause?: unknown): HelloError =>
  new HelloError('the hello has ended; its send and receive work only until then', cause)

function isOver(state: GreetingState): state is HelloError {
  return typeof state === 'object'
}
