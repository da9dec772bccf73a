/**
 * Selects the next endpoint. Each failure moves on to the next one, and a working endpoint is kept. The backoff counts
 * rounds, so that failover is fast and an outage of all endpoints still backs off.
 */
export class Endpoints {
  #at = 0
  /** How many more failures complete the round, whose size is that of the list at its start; Infinity before it. */
  #left = Infinity
  #rounds = 0
  #count = 1

  /** The endpoint to dial, of the current list. */
  pick<T>(endpoints: readonly [T, ...T[]]): T {
    this.#count = endpoints.length
    this.#at %= this.#count
    return endpoints[this.#at]!
  }

  /** A new run: restarts the count of rounds. The last working endpoint is still tried first. */
  begin(): void {
    this.#left = Infinity
    this.#rounds = 0
  }

  /** A stable connection ended: its endpoint is tried first. Returns the round, for the backoff. */
  lost(): number {
    this.#left = Infinity
    return (this.#rounds = 1)
  }

  /** The endpoint failed: moves on to the next. Returns the round that starts with it, or 0 within a round. */
  failed(): number {
    this.#at = (this.#at + 1) % this.#count
    // the list may change with every attempt
    this.#left = Math.min(this.#left, this.#count) - 1
    if (this.#left > 0) return 0
    this.#left = Infinity
    return ++this.#rounds
  }
}
