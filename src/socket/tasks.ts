/** Run to completion: what a task sets off has its turn after it, in a queue and not on the stack. */

type Task = () => void

export class Tasks {
  readonly #owner: { rest(): void }
  #queue: Task[] | undefined
  // one array for all time: a message allocates nothing
  readonly #spare: Task[] = []

  /** @param owner Its `rest` is called whenever nothing waits any more. */
  constructor(owner: { rest(): void }) {
    this.#owner = owner
  }

  /** Whether a task is running. */
  get busy(): boolean {
    return this.#queue !== undefined
  }

  /** Runs a task, at once or when its turn has come. */
  run(task: Task): void {
    if (this.#queue) {
      this.#queue.push(task)
      return
    }
    this.begin()
    this.#spare.push(task)
    this.finish()
  }

  /** From here on, other tasks wait. For a caller that is not busy, and runs its own task without a closure. */
  begin(): void {
    this.#queue = this.#spare
  }

  /** Runs what has waited since `begin()`. */
  finish(): void {
    if (this.#spare.length > 0) this.#work()
    this.#queue = undefined
    this.#owner.rest()
  }

  #work(): void {
    const queue = this.#spare
    try {
      for (let i = 0; i < queue.length; i++) queue[i]!()
    } finally {
      queue.length = 0
      this.#queue = undefined
    }
  }
}
