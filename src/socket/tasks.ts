/** Run to completion: tasks that a task causes run after it, from a queue and not on the stack. */

type Task = () => void

export class Tasks {
  readonly #owner: { rest(): void }
  #queue: Task[] | undefined
  // one array, reused: a message allocates nothing
  readonly #spare: Task[] = []

  /** @param owner Its `rest` is called whenever the queue becomes empty. */
  constructor(owner: { rest(): void }) {
    this.#owner = owner
  }

  /** Whether a task is running. */
  get busy(): boolean {
    return this.#queue !== undefined
  }

  /** Runs a task, now or after those before it. */
  run(task: Task): void {
    if (this.#queue) {
      this.#queue.push(task)
      return
    }
    this.begin()
    this.#spare.push(task)
    this.finish()
  }

  /** Makes other tasks wait. For a caller that is not busy, and runs its own task without a closure. */
  begin(): void {
    this.#queue = this.#spare
  }

  /** Runs the tasks that have waited since `begin()`. */
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
