/** The age of the oldest of many numbered items, accurate to a quarter of a second. */

/** Items added within this many ms count as added together, at the earliest time. */
const GRAIN = 250
/** Largest number of times kept; beyond it they are merged. */
const MOST = 64

export class Age {
  /** The last number added at each time, oldest first. */
  #marks: { last: number; readonly since: number }[] = []

  /** All items up to `last` exist now. */
  add(last: number, now: number): void {
    const newest = this.#marks.at(-1)
    if (newest && (now - newest.since < GRAIN || this.#marks.length === MOST)) newest.last = last
    else this.#marks.push({ last, since: now })
  }

  /** All items up to `number` are gone. */
  remove(number: number): void {
    const kept = this.#marks.findIndex(({ last }) => last > number)
    if (kept !== 0) this.#marks.splice(0, kept < 0 ? this.#marks.length : kept)
  }

  /** The age in ms; 0 if there are no items. */
  oldest(now: number): number {
    return this.#marks.length === 0 ? 0 : now - this.#marks[0]!.since
  }
}
