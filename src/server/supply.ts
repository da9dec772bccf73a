/** Brings the messages to one client from the store, as far as the window lets them through. */
import { Age } from './age.js'
import { Downstream, PAGE } from './downstream.js'
import type { SessionHost } from './host.js'
import type { Claim, Payload } from './store.js'

export interface SupplyListener {
  /** Whether there is a connection: without one nothing is brought. */
  wanted(): boolean
  /** All up to `number` are at hand. */
  loaded(number: number): void
  failed(error: unknown): void
}

export class Supply {
  readonly #id: string
  readonly #host: SessionHost
  readonly #listener: SupplyListener
  readonly #down: Downstream
  readonly #age = new Age()
  #loading: 'idle' | 'busy' = 'idle'

  /** @param received What the client says that it has received. */
  constructor(id: string, host: SessionHost, claim: Claim, received: number, listener: SupplyListener) {
    this.#id = id
    this.#host = host
    this.#listener = listener
    this.#down = new Downstream(host.settings.window, received, claim.last)
    if (claim.last > received) this.#age.add(claim.last, host.clock.now())
  }

  /** Messages that the client has not acknowledged. */
  get size(): number {
    return this.#down.size
  }

  /** How long the oldest of them has been waiting here, in ms. */
  get oldest(): number {
    return this.#age.oldest(this.#host.clock.now())
  }

  get at(): (number: number) => number {
    return this.#down.at
  }

  get(number: number): Payload {
    return this.#down.get(number)
  }

  /** The store has all up to `last`, whoever wrote them. */
  learn(last: number): void {
    if (!this.#down.learn(last)) return
    this.#age.add(last, this.#host.clock.now())
    this.load()
  }

  /** These have just been written, the last of them as `last`. */
  written(messages: readonly Payload[], last: number): void {
    if (this.#listener.wanted()) this.#down.written(messages, last)
    this.learn(last)
    this.#listener.loaded(this.#down.loaded)
  }

  /** The client has received all up to `number`. */
  forget(number: number): void {
    this.#down.forget(number)
    this.#age.remove(number)
  }

  /** Brings what there is room for. */
  load(): void {
    if (this.#loading === 'busy') return
    this.#loading = 'busy'
    void this.#read()
  }

  async #read(): Promise<void> {
    try {
      while (this.#listener.wanted() && this.#down.hungry) {
        const messages = await this.#host.store.read(this.#id, this.#down.loaded, PAGE)
        // gone, which the next write will find out
        if ((messages[0]?.number ?? Infinity) > this.#down.loaded + 1) return
        this.#down.add(messages)
        this.#listener.loaded(this.#down.loaded)
      }
    } catch (error) {
      this.#listener.failed(error)
    } finally {
      this.#loading = 'idle'
    }
  }
}
