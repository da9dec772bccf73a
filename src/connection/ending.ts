/** How an attempt ends, by what its platform has said went wrong. */
import { ConnectionError, EveropenError } from '../diagnostics/errors.js'
import type { End } from '../machine/state.js'

export class Ending {
  #error: unknown
  #told: Pick<End, 'failed'> | undefined

  /** The platform has told an error. */
  fail(error: unknown): void {
    this.#error = error
    this.#told = { failed: true }
  }

  /** Whether it has. */
  get failed(): boolean {
    return this.#told !== undefined
  }

  /** That error, as one of this package. */
  get cause(): EveropenError {
    return this.#error instanceof EveropenError ? this.#error : new ConnectionError(undefined, this.#error)
  }

  /** What there is to tell. Without a code it is one that no Close frame has told. */
  end(by: End['by'], cause?: EveropenError, code = 1006, reason = '', wasClean = false): End {
    return { by, code, reason, wasClean, ...this.#told, ...(cause && { cause }) }
  }
}
