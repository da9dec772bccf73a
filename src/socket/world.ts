/** External inputs of a run: the user's signal, and hints. Outside a run there are no listeners. */
import { onAbort } from '#platform'
import { attempt } from '../diagnostics/report.js'
import type { Hint, Input } from '../machine/state.js'
import type { Settings } from '../options/settings.js'
import type { Platform } from '../platform/platform.js'

/** Receives them. */
interface Hearer {
  readonly settings: Settings
  readonly platform: Platform
  feed(input: Input): void
  hint(hint: Hint): void
}

export class World {
  readonly #hearer: Hearer
  // two members instead of a list, because every idle socket has them
  #unabort: (() => void) | undefined
  #unhint: (() => void) | undefined

  constructor(hearer: Hearer) {
    this.#hearer = hearer
  }

  /** A run starts. */
  listen(): void {
    const { settings, platform } = this.#hearer
    const { signal, hints = platform.hints } = settings
    if (signal) {
      const abort = (): void => this.#hearer.feed({ type: 'close' })
      this.#unabort = onAbort(signal, abort)
      // aborted after connect() was called, while it waited for its turn
      if (signal.aborted) abort()
    }
    if (hints)
      attempt(() => {
        this.#unhint = hints((hint) => this.#hearer.hint(hint))
      })
  }

  /** The run is over. */
  leave(): void {
    if (this.#unabort) attempt(this.#unabort)
    if (this.#unhint) attempt(this.#unhint)
    this.#unabort = this.#unhint = undefined
  }
}
