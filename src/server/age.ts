/** How long the oldest of many numbered things has been there, to within a quarter of a second. */

/** Things within so many ms count as of one time, the earliest. */
const GRAIN = 250
/** Most times that are remembered; more of them are made fewer. */
const MOST = 64

export class Age {
  /** The last number of each time, oldest first. */
  #marks: { last: number; readonly since: number }[] = []

  /** All up to `last` are there now. */
  add(last: number, now: number): void {
    const newest = this.#marks.at(-1)
    if (newest && (now - newest.since < GRAIN || this.#marks.length === MOST)) newest.last = last
    else this.#marks.push({ last, since: now })
  }

  /** All up to `number` are gone. */
  remove(number: number): void {
    const kept = this.#marks.findIndex(({ last }) => last > number)
    if (kept !== 0) this.#marks.splice(0, kept < 0 ? this.#marks.length : kept)
  }

  /** In ms; 0 where there is none. */
  oldest(now: number): number {
    return this.#marks.length === 0 ? 0 : now - this.#marks[0]!.since
  }
}
