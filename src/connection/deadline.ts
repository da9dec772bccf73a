/** The deadline that an attempt is under: that of its phase, or of a `close` that its platform owes. */
import { Alarm } from '../time/alarm.js'
import type { Clock } from '../time/clock.js'

/** After an `error` a platform owes a `close`, in the same instant; iOS has been seen to forget it. */
const CLOSE_AFTER_ERROR = 1_000

export class Deadline extends Alarm {
  readonly #clock: Clock
  readonly #owed: () => void

  /** @param owed Called where a `close` that is owed does not come. */
  constructor(clock: Clock, owed: () => void) {
    super(clock)
    this.#clock = clock
    this.#owed = owed
  }

  /** The platform transmits no more: its `close` is due, and not relied on. */
  suspect(closeTimeout: number): void {
    if (this.at === Infinity) this.set(closeTimeout, this.#owed)
  }

  /** The platform has told an error. */
  hurry(): void {
    if (this.at > this.#clock.now() + CLOSE_AFTER_ERROR) this.set(CLOSE_AFTER_ERROR, this.#owed)
  }
}
