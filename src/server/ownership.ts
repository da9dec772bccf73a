/** This server's ownership of a session: every write to the store has the owner's epoch. */
import type { Claim, Refusal } from './store.js'
import type { Awaitable } from './types.js'

export class Ownership {
  readonly #lost: (how: Refusal) => void
  #epoch: number
  #claiming: Promise<unknown> | undefined
  /** How the ownership was lost. */
  #over: Refusal | undefined

  /** @param lost Called once, by the write that detects the loss. */
  constructor(epoch: number, lost: (how: Refusal) => void) {
    this.#epoch = epoch
    this.#lost = lost
  }

  get epoch(): number {
    return this.#epoch
  }

  /** Stops writing. `how` is the result of later writes. */
  release(how: Refusal): void {
    this.#over ??= how
  }

  /** This server is claiming the session again. Until that is done, refusals are inconclusive. */
  claiming(claim: Promise<Claim | undefined>): void {
    this.#claiming = claim.then(
      (made) => {
        // if another server's epoch came in between, this ownership cannot continue
        if (made?.epoch === this.#epoch + 1) this.#epoch = made.epoch
      },
      () => {},
    )
  }

  /** Whether it continues under this claim. */
  async holds({ epoch }: Claim): Promise<boolean> {
    await this.#claiming
    return this.#over === undefined && this.#epoch === epoch
  }

  /** Whether `epoch` ends it. */
  async endsWith(epoch: number): Promise<boolean> {
    await this.#claiming
    return epoch > this.#epoch
  }

  /** Performs an operation on the store as the owner. */
  async write<T>(operation: (epoch: number) => Awaitable<T | Refusal>): Promise<T | Refusal> {
    for (;;) {
      if (this.#over) return this.#over
      const epoch = this.#epoch
      const result = await operation(epoch)
      if (result !== 'gone' && result !== 'fenced') return result
      await this.#claiming
      // this server has claimed it again in the meantime
      if (result === 'fenced' && this.#epoch !== epoch) continue
      if (!this.#over) this.#lost(result as Refusal)
      return result
    }
  }
}
