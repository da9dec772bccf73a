/** One direction of a connection. */
import { copyOf, isBlob, type Sendable } from '../delivery/payload.js'
import { Queue } from '../delivery/queue.js'

interface Parcel {
  readonly arrive: () => void
  due: boolean
}

/** A message under way. */
export interface Posted {
  data: Sendable
  /** Settles when `data` is what the receiver gets. Undefined if it is. */
  readonly ready: Promise<unknown> | undefined
}

/** Number of Blobs that are being read. */
export let reading = 0

/** Copies a message. A Blob is sent as its bytes, where the engine's can be read: jsdom's cannot. */
export function post(given: Sendable): Posted {
  const data = copyOf(given)
  const read = isBlob(data) ? (data as Partial<typeof data>).arrayBuffer?.() : undefined
  const done = (bytes: Sendable): void => {
    reading--
    posted.data = bytes
  }
  if (read) reading++
  const posted: Posted = { data, ready: read?.then(done, () => done(data)) }
  return posted
}

/** What is sent first arrives first, even if the latency has become shorter since. */
export class Way {
  readonly #wait: (due: () => void) => void
  readonly #parcels = new Queue<Parcel>()

  /** @param wait Calls back after the current latency. */
  constructor(wait: (due: () => void) => void) {
    this.#wait = wait
  }

  /** @param ready Awaited, too. */
  send(arrive: () => void, ready?: Promise<unknown>): void {
    const parcel = { arrive, due: false }
    this.#parcels.push(parcel)
    const due = (): void => {
      parcel.due = true
      while (this.#parcels.peek()?.due) this.#parcels.shift()!.arrive()
    }
    this.#wait(ready ? () => void ready.then(due) : due)
  }
}
