/** A session in the store, as its owner writes it. Each write carries the owner's epoch. */
import type { SessionHost } from './host.js'
import { Latest } from './latest.js'
import { Ownership } from './ownership.js'
import type { Appended, Bounds, Payload, Refusal } from './store.js'

/** What an owner is told of its writes. */
export interface RecordListener {
  /** The application has taken over all up to `number`, and the store has noted it. */
  taken(number: number, at: number): void
  /** The store has all of the messages to the client up to `last`, whoever wrote them. */
  renewed(last: number): void
  /** The session is not this server's any more. Told once. */
  lost(how: Refusal): void
  /** What the application has taken over could not be noted. */
  unnoted(error: unknown): void
  /** Something else failed, and will be done again. */
  failed(error: unknown): void
}

export class OwnedRecord {
  readonly ownership: Ownership
  readonly #id: string
  readonly #host: SessionHost
  readonly #listener: RecordListener
  readonly #commits = new Latest<number>((number) => this.#commit(number, this.#handledAt))
  readonly #trims = new Latest<number>((to) => this.#trim(to))
  /** Position of the last message that the application has taken over. */
  #handledAt = 0
  #renewed: number

  constructor(id: string, epoch: number, host: SessionHost, listener: RecordListener) {
    this.#id = id
    this.#host = host
    this.#listener = listener
    this.ownership = new Ownership(epoch, (how) => listener.lost(how))
    this.#renewed = host.clock.now()
  }

  /** How long ago it was renewed, in ms. */
  get age(): number {
    return this.#host.clock.now() - this.#renewed
  }

  /** Numbers messages to the client. */
  append(messages: readonly Payload[], bounds: Bounds): Promise<Appended | Refusal> {
    return this.ownership.write((epoch) => this.#host.store.append(this.#id, messages, bounds, epoch))
  }

  /** The application has taken over all up to `number`. */
  commit(number: number, at: number): void {
    this.#handledAt = at
    this.#commits.set(number)
  }

  /** The client has received all up to `number`. */
  trim(number: number): void {
    this.#trims.set(number)
  }

  /** It has been claimed just now, which renews it. */
  touch(): void {
    this.#renewed = this.#host.clock.now()
  }

  /** Keeps it for another `lease` ms, and finds out what was missed. */
  async renew(lease: number): Promise<void> {
    this.touch()
    try {
      const last = await this.ownership.write((epoch) => this.#host.store.renew(this.#id, epoch, lease))
      if (typeof last === 'number') this.#listener.renewed(last)
    } catch (error) {
      this.#listener.failed(error)
    }
  }

  /** Leaves it to whoever comes next, for `lease` ms. What cannot be done now ends by itself. */
  async leave(lease: number): Promise<void> {
    await (async () => this.#host.store.renew(this.#id, this.ownership.epoch, lease))().catch(() => {})
  }

  /** Deletes it. */
  delete(): void {
    void (async () => this.#host.store.end(this.#id, this.ownership.epoch))().catch((error: unknown) =>
      this.#listener.failed(error),
    )
  }

  /** Resolves once all that was taken over is noted, or cannot be. */
  async committed(): Promise<void> {
    await this.#commits.settled()
  }

  /** Resolves once nothing is to be written any more. */
  async settled(): Promise<void> {
    await this.#commits.settled()
    await this.#trims.settled()
  }

  async #commit(number: number, at: number): Promise<void> {
    try {
      const refusal = await this.ownership.write((epoch) => this.#host.store.commit(this.#id, epoch, number))
      if (!refusal) this.#listener.taken(number, at)
    } catch (error) {
      this.#listener.unnoted(error)
    }
  }

  async #trim(to: number): Promise<void> {
    try {
      await this.ownership.write((epoch) => this.#host.store.trim(this.#id, epoch, to))
    } catch (error) {
      // the next one does the same, and more
      this.#listener.failed(error)
    }
  }
}
