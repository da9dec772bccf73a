/** One direction of a connection. */
import { Queue } from '../delivery/queue.js'

interface Parcel {
  readonly arrive: () => void
  due: boolean
}

/** What is sent first arrives first, even if the latency has become shorter since. */
export class Way {
  readonly #wait: (due: () => void) => void
  readonly #parcels = new Queue<Parcel>()

  /** @param wait Calls back after the current latency. */
  constructor(wait: (due: () => void) => void) {
    this.#wait = wait
  }

  send(arrive: () => void): void {
    const parcel = { arrive, due: false }
    this.#parcels.push(parcel)
    this.#wait(() => {
      parcel.due = true
      while (this.#parcels.peek()?.due) this.#parcels.shift()!.arrive()
    })
  }
}
