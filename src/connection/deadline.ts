/** The deadline that an attempt is under: that of its phase, or of a `close` that its platform owes. */
import { Alarm } from '../time/alarm.js'
import type { Clock } from '../time/clock.js'

/** After an `error` a platform owes a `close`, in the same instant; iOS has been seen to forget it. */
const CLOSE_AFTER_ERROR = 1_000

/** Whose `close` is owed. */
interface Debtor {
  /** It does not come. */
  lose(): void
}

export class Deadline extends Alarm {
  readonly #clock: Clock
  readonly #debtor: Debtor

  constructor(clock: Clock, debtor: Debtor) {
    super(clock)
    this.#clock = clock
    this.#debtor = debtor
  }

  /** The platform transmits no more: its `close` is due, and not relied on. */
  suspect(closeTimeout: number): void {
    if (this.at === Infinity) this.#await(closeTimeout)
  }

  /** The platform has told an error. */
  hurry(): void {
    if (this.at > this.#clock.now() + CLOSE_AFTER_ERROR) this.#await(CLOSE_AFTER_ERROR)
  }

  #await(ms: number): void {
    this.set(ms, () => this.#debtor.lose())
  }
}
