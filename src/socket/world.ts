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
  #undo: (() => void)[] = []

  constructor(hearer: Hearer) {
    this.#hearer = hearer
  }

  /** A run starts. */
  listen(): void {
    const { settings, platform } = this.#hearer
    const { signal, hints = platform.hints } = settings
    const abort = (): void => this.#hearer.feed({ type: 'close' })
    if (signal) this.#undo.push(onAbort(signal, abort))
    // since connect() was called, and had to wait its turn
    if (signal?.aborted) abort()
    if (hints)
      attempt(() => {
        const undo = hints((hint) => this.#hearer.hint(hint)) as (() => void) | undefined
        if (undo) this.#undo.push(undo)
      })
  }

  /** It is over. */
  leave(): void {
    for (const undo of this.#undo.splice(0)) attempt(undo)
  }
}
