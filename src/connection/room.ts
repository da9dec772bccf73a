/** How much the platform has buffered, and a notification when that may have shrunk. */
import type { Link, Platform } from '../platform/platform.js'
import type { Settings } from '../options/settings.js'
import { Alarm } from '../time/alarm.js'

/** Polling interval, in ms, for platforms that do not report when they have room again. */
const PACE = 20

/** Limit of the platform's buffer, in bytes, if the outbox has none. */
const HIGH_WATER_MARK = 65_536

/** Receives the notification. */
interface Sending {
  readonly settings: Settings
  readonly platform: Platform
  /** Sending may continue. */
  flow(): void
}

export class Room extends Alarm {
  readonly #owner: Sending

  constructor(owner: Sending) {
    super(owner.platform.clock)
    this.#owner = owner
  }

  /** Bytes in the platform's buffer; if there are `many` or more, `flow` follows when there may be fewer. */
  held(link: Link | undefined, many: number): number {
    const held = link?.bufferedAmount ?? 0
    if (held >= many && this.at === Infinity) this.set(PACE, () => this.made())
    return held
  }

  /** Whether the buffer is as full as it should be. */
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
