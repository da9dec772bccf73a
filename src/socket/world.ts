/** What a run hears of the world around it: the user's signal, and hints. At rest nothing is listened to. */
import { attempt } from '../diagnostics/report.js'
import type { Hint, Input } from '../machine/state.js'
import type { Settings } from '../options/settings.js'
import type { Platform } from '../platform/platform.js'
import { onAbort } from './abort.js'

/** Who hears it. */
interface Hearer {
  readonly settings: Settings
  readonly platform: Platform
  feed(input: Input): void
  hint(hint: Hint): void
}

export class World {
  readonly #hearer: Hearer
  // two members, and no list of them: every idle socket has one
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
      // since connect() was called, and had to wait its turn
      if (signal.aborted) abort()
    }
    if (hints)
      attempt(() => {
        this.#unhint = hints((hint) => this.#hearer.hint(hint))
      })
  }

  /** It is over. */
  leave(): void {
    if (this.#unabort) attempt(this.#unabort)
    if (this.#unhint) attempt(this.#unhint)
    this.#unabort = this.#unhint = undefined
  }
}
