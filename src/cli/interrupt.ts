/** What ends a run early, such as Ctrl-C: the first signal regularly, the second at once. */
import { exit } from './exit.js'

const statuses = { SIGINT: exit.interrupted, SIGTERM: exit.terminated } as const

export class Interrupt {
  /** The exit status, once the run is to end. */
  status: number | undefined
  readonly first: Promise<void>
  #tell!: () => void
  readonly #atOnce: (status: number) => void

  /** @param atOnce Ends the process. */
  constructor(atOnce: (status: number) => void) {
    this.#atOnce = atOnce
    this.first = new Promise((resolve) => (this.#tell = resolve))
  }

  /** From now on, signals end the run instead of the process. */
  listen(): void {
    for (const [signal, status] of Object.entries(statuses)) process.on(signal, () => this.raise(status))
  }

  raise(status: number = exit.interrupted): void {
    if (this.status !== undefined) return this.#atOnce(this.status)
    this.end(status)
  }

  /** Ends the run regularly; it may be ending already. */
  end(status: number): void {
    this.status ??= status
    this.#tell()
  }
}
