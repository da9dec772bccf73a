/** How much the platform holds of what it was given, and telling when that may be less. */
import type { Link, Platform } from '../platform/platform.js'
import type { Settings } from '../options/settings.js'
import { Alarm } from '../time/alarm.js'

/** How often a platform that does not tell is asked whether it has room again, in ms. */
const PACE = 20

/** Bytes that it may hold, where there is no outbox to say so. */
const HIGH_WATER_MARK = 65_536

/** Who is told. */
interface Sending {
  readonly settings: Settings
  readonly platform: Platform
  /** Sending may go on. */
  flow(): void
}

export class Room extends Alarm {
  readonly #owner: Sending

  constructor(owner: Sending) {
    super(owner.platform.clock)
    this.#owner = owner
  }

  /** Bytes that the platform holds; from `many` on, it is told when they may be fewer. */
  held(link: Link | undefined, many: number): number {
    const held = link?.bufferedAmount ?? 0
    if (held >= many && this.at === Infinity) this.set(PACE, () => this.made())
    return held
  }

  /** Whether that is as much as it should hold. */
  isFull(link: Link | undefined): boolean {
    const { highWaterMark = HIGH_WATER_MARK } = this.#owner.settings.outbox ?? {}
    return this.held(link, highWaterMark) >= highWaterMark
  }

  /** The platform has room again. */
  made(): void {
    if (this.at === Infinity) return
    this.stop()
    this.#owner.flow()
  }
}
