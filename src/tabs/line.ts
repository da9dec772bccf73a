/** The real connection of the tab that leads, and how much of what it was given is sent. */
import type { Sendable } from '../delivery/payload.js'
import type { TabsOptions } from './options.js'
import type { Real, Scope } from './scope.js'
import type { Input } from './state.js'

/** Whom it belongs to. */
export interface LineOwner {
  readonly url: string
  readonly protocols: string[]
  readonly options: TabsOptions
  readonly scope: Scope
}

export class Line {
  readonly #owner: LineOwner
  readonly #step: (input: Input) => void
  #real: Real | undefined
  /** Bytes that it was given. */
  given = 0

  /** @param step Told what becomes of it. */
  constructor(owner: LineOwner, step: (input: Input) => void) {
    this.#owner = owner
    this.#step = step
  }

  /** Whether there is one, or was. */
  get dialed(): boolean {
    return this.#real !== undefined
  }

  /** Bytes that the platform holds. */
  get buffered(): number {
    return this.#real?.bufferedAmount || 0
  }

  /** Bytes that the platform has sent. */
  get sent(): number {
    return Math.max(0, this.given - this.buffered)
  }

  dial(): void {
    const { url, protocols, options, scope } = this.#owner
    const ended = (code: number, reason: string, clean: boolean): void =>
      this.#step({ type: 'ended', code, reason, clean, at: this.sent })
    try {
      const real = new (options.WebSocket ?? scope.WebSocket!)(url, protocols) as Real
      this.#real = real
      real.binaryType = 'arraybuffer'
      real.onopen = () => {
        const { protocol, extensions } = real
        this.#step({ type: 'opened', protocol, extensions })
      }
      real.onmessage = ({ data }) => this.#step({ type: 'received', data })
      real.onclose = ({ code, reason, wasClean }) => ended(code, reason, wasClean)
    } catch {
      scope.setTimeout(() => ended(1006, '', false), 0)
    }
  }

  /** Gives it a message. Says when it is sent: once so many bytes are; 0 where it is, or the platform does not tell. */
  hand(data: Sendable): number {
    const before = this.buffered
    this.#real!.send(data)
    const added = this.buffered - before
    return added > 0 ? (this.given += added) : 0
  }

  shut(code: number | undefined, reason: string): void {
    if (code === undefined) this.#real?.close()
    else this.#real?.close(code, reason)
  }
}
