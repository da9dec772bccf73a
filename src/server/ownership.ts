/** That this server owns a session, for as long as it does: every write to the store is made in the name of an epoch. */
import type { Claim, Refusal } from './store.js'
import type { Awaitable } from './types.js'

export class Ownership {
  readonly #lost: (how: Refusal) => void
  #epoch: number
  #claiming: Promise<unknown> | undefined
  /** How it was lost, once it is. */
  #over: Refusal | undefined

  /** @param lost Told once, by the write that finds it out. */
  constructor(epoch: number, lost: (how: Refusal) => void) {
    this.#epoch = epoch
    this.#lost = lost
  }

  get epoch(): number {
    return this.#epoch
  }

  /** Writes nothing more. `how` is what later writes are answered with. */
  release(how: Refusal): void {
    this.#over ??= how
  }

  /** This server itself is claiming the session again. Until that is done, what is refused says nothing. */
  claiming(claim: Promise<Claim | undefined>): void {
    this.#claiming = claim.then(
      (made) => {
        // with an epoch of somebody else's in between, there is nothing to go on with
        if (made?.epoch === this.#epoch + 1) this.#epoch = made.epoch
      },
      () => {},
    )
  }

  /** Whether it goes on under this claim. */
  async holds({ epoch }: Claim): Promise<boolean> {
    await this.#claiming
    return this.#over === undefined && this.#epoch === epoch
  }

  /** Whether `epoch` ends it. */
  async endsWith(epoch: number): Promise<boolean> {
    await this.#claiming
    return epoch > this.#epoch
  }

  /** Does something to the store as the owner. */
  async write<T>(operation: (epoch: number) => Awaitable<T | Refusal>): Promise<T | Refusal> {
    for (;;) {
      if (this.#over) return this.#over
      const epoch = this.#epoch
      const result = await operation(epoch)
      if (result !== 'gone' && result !== 'fenced') return result
      await this.#claiming
      // claimed again meanwhile, by this same server
      if (result === 'fenced' && this.#epoch !== epoch) continue
      if (!this.#over) this.#lost(result as Refusal)
      return result
    }
  }
}
