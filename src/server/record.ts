/** A session in the store, as written by its owner. Each write has the owner's epoch. */
import type { SessionHost } from './host.js'
import { Latest } from './latest.js'
import { Ownership } from './ownership.js'
import type { Appended, Bounds, Payload, Refusal } from './store.js'

/** Receives the results of an owner's writes. */
export interface RecordListener {
  /** The last message to the client that the store is known to have. */
  known(): number
  /** The application has processed everything up to `number`, and the store has recorded it. */
  taken(number: number, at: number): void
  /** The store has all messages to the client up to `last`, whoever wrote them. */
  renewed(last: number): void
  /** This server no longer owns the session. Called once. */
  lost(how: Refusal): void
  /** What the application has processed could not be recorded. */
  unnoted(error: unknown): void
  /** Another operation failed, and will be repeated. */
  failed(error: unknown): void
}

export class OwnedRecord {
  readonly ownership: Ownership
  readonly #id: string
  readonly #host: SessionHost
  readonly #listener: RecordListener
  readonly #commits = new Latest<number>((number) => this.#commit(number, this.#handledAt))
  readonly #trims = new Latest<number>((to) => this.#trim(to))
  /** Position of the last message that the application has processed. */
  #handledAt = 0
  #renewed: number

  constructor(id: string, epoch: number, host: SessionHost, listener: RecordListener) {
    this.#id = id
    this.#host = host
    this.#listener = listener
    this.ownership = new Ownership(epoch, (how) => listener.lost(how))
    this.#renewed = host.clock.now()
  }

  /** Time since the last renewal, in ms. */
  get age(): number {
    return this.#host.clock.now() - this.#renewed
  }

  /** Stores messages to the client, with numbers. */
  async append(messages: readonly Payload[], bounds: Bounds): Promise<Appended | Refusal> {
    const known = this.#listener.known()
    const result = await this.ownership.write((epoch) =>
      this.#host.store.append(this.#id, messages, bounds, epoch),
    )
    return typeof result === 'object' && result.last - result.count < known ? this.#broken() : result
  }

  /** The application has processed everything up to `number`. */
  commit(number: number, at: number): void {
    this.#handledAt = at
    this.#commits.set(number)
  }

  /** The client has acknowledged everything up to `number`. */
  trim(number: number): void {
    this.#trims.set(number)
  }

  /** The session was just claimed, which renews it. */
  touch(): void {
    this.#renewed = this.#host.clock.now()
  }

  /**
   * Keeps the session for another `lease` ms, and detects what notifications may have missed.
   * @param missing Messages were not in the store: if this server still owns the session, it cannot continue.
   */
  async renew(lease: number, missing: boolean): Promise<void> {
    this.touch()
    const known = this.#listener.known()
    try {
      const last = await this.ownership.write((epoch) => this.#host.store.renew(this.#id, epoch, lease))
      if (typeof last !== 'number') return
      if (missing || last < known) this.#broken()
      else this.#listener.renewed(last)
    } catch (error) {
      this.#listener.failed(error)
    }
  }

  /** Leaves the session to its next owner, for `lease` ms. */
  async leave(lease: number): Promise<void> {
    try {
      await this.#host.store.renew(this.#id, this.ownership.epoch, lease)
    } catch {
      // it ends by itself
    }
  }

  /** Deletes the session; without an epoch, whoever owns it by now. */
  async delete(epoch?: number): Promise<void> {
    try {
      await this.#host.store.end(this.#id, epoch)
    } catch (error) {
      this.#listener.failed(error)
    }
  }

  /** Resolves once everything processed has been recorded, or cannot be. */
  async committed(): Promise<void> {
    await this.#commits.settled()
  }

  /** Resolves once nothing is left to write. */
  async settled(): Promise<void> {
    await this.#commits.settled()
    await this.#trims.settled()
  }

  /** The store has lost messages, perhaps in a failover: others would get their numbers and be taken for those. */
  #broken(): Refusal {
    void this.delete(this.ownership.epoch)
    this.#listener.lost('gone')
    return 'gone'
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
      // the next renewal does the same, and more
      this.#listener.failed(error)
    }
  }
}
