/** What the plots show: everything that has a time, for as long as it can be seen. */
import type { Delay } from './envelope.js'
import type { Place } from './places.js'

/** How far back the plots reach. In s. */
export const SPAN = 60

export class History {
  readonly #started = performance.now()
  places: { readonly at: number; readonly place: Place }[] = []
  rtts: { readonly at: number; readonly rtt: number }[] = []
  delays: ({ readonly at: number } & Delay)[] = []
  counts: {
    readonly at: number
    readonly waiting: number
    readonly sent: number
    readonly received: number
    readonly lost: number
  }[] = []

  /** Seconds since the page was loaded. */
  get now(): number {
    return (performance.now() - this.#started) / 1_000
  }

  /** Forgets what cannot be seen any more. */
  trim(): void {
    const recent = ({ at }: { readonly at: number }): boolean => at >= this.now - SPAN
    this.rtts = this.rtts.filter(recent)
    this.delays = this.delays.filter(recent)
    this.counts = this.counts.filter(recent)
    // the place that it was in when the plot begins
    const first = this.places.findLastIndex((entry) => !recent(entry))
    this.places = this.places.slice(Math.max(0, first))
  }
}
