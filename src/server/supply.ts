/** Loads the messages for one client from the store, as far as the window allows. */
import { Age } from './age.js'
import { Downstream, PAGE } from './downstream.js'
import type { SessionHost } from './host.js'
import type { Claim, Payload } from './store.js'

export interface SupplyListener {
  /** Whether there is a connection: without one, nothing is loaded. */
  wanted(): boolean
  /** All messages up to `number` are in memory. */
  loaded(number: number): void
  /** The store does not have messages that it should have. */
  missing(): void
  failed(error: unknown): void
}

export class Supply {
  readonly #id: string
  readonly #host: SessionHost
  readonly #listener: SupplyListener
  readonly #down: Downstream
  readonly #age = new Age()
  #loading: 'idle' | 'busy' = 'idle'

  /** @param received The last number that the client says it has received. */
  constructor(id: string, host: SessionHost, claim: Claim, received: number, listener: SupplyListener) {
    this.#id = id
    this.#host = host
    this.#listener = listener
    this.#down = new Downstream(host.settings.window, received, claim.last)
    if (claim.last > received) this.#age.add(claim.last, host.clock.now())
  }

  /** Number of messages that the client has not acknowledged. */
  get size(): number {
    return this.#down.size
  }

  /** Age of the oldest of them on this server, in ms. */
  get oldest(): number {
    return this.#age.oldest(this.#host.clock.now())
  }

  /** The last message that the store is known to have. */
  get last(): number {
    return this.#down.last
  }

  get at(): (number: number) => number {
    return this.#down.at
  }

  get(number: number): Payload {
    return this.#down.get(number)
  }

  /** The store has all messages up to `last`, whoever wrote them. */
  learn(last: number): void {
    if (!this.#down.learn(last)) return
    this.#age.add(last, this.#host.clock.now())
    this.load()
  }

  /** These messages were just written; the last has number `last`. */
  written(messages: readonly Payload[], last: number): void {
    if (this.#listener.wanted()) this.#down.written(messages, last)
    this.learn(last)
    this.#listener.loaded(this.#down.loaded)
  }

  /** The client has acknowledged everything up to `number`. */
  forget(number: number): void {
    this.#down.forget(number)
    this.#age.remove(number)
  }

  /** Loads as much as there is room for. */
  load(): void {
    if (this.#loading === 'busy') return
    this.#loading = 'busy'
    void this.#read()
  }

  async #read(): Promise<void> {
    try {
      while (this.#listener.wanted() && this.#down.hungry) {
        const messages = await this.#host.store.read(this.#id, this.#down.loaded, PAGE)
        if ((messages[0]?.number ?? Infinity) > this.#down.loaded + 1) return this.#listener.missing()
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
