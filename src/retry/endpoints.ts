/**
 * Which endpoint is dialed next. Each failure moves on to the next endpoint; the one that worked is kept; the
 * backoff is per round, so that failover is quick and a total outage still backs off.
 */
export class Endpoints {
  #at = 0
  #failures = 0
  #rounds = 0
  #count = 1

  /** The endpoint to dial, of those that are known now. */
  pick<T>(endpoints: readonly [T, ...T[]]): T {
    this.#count = endpoints.length
    this.#at %= this.#count
    return endpoints[this.#at]!
  }

  /** A new run: rounds are counted afresh, and the endpoint that worked last is still the first choice. */
  begin(): void {
    this.#failures = this.#rounds = 0
  }

  /** A stable connection ended: it is dialed again first. Returns the round, for the backoff. */
  lost(): number {
    this.#failures = 0
    return (this.#rounds = 1)
  }

  /** The endpoint failed: on to the next. Returns the round that begins with it, or 0 within a round. */
  failed(): number {
    this.#at = (this.#at + 1) % this.#count
    this.#failures++
    return this.#failures % this.#count === 0 ? ++this.#rounds : 0
  }
}
