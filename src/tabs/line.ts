/** The real connection, in the leading tab, and how much of the data given to it has been sent. */
import type { Sendable } from '../delivery/payload.js'
import { DialError } from '../diagnostics/errors.js'
import type { TabsOptions } from './options.js'
import type { Real, Scope } from './scope.js'
import type { Input } from './state.js'

/** The member that it belongs to. */
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
  /** The error that the platform has reported. */
  cause: unknown
  /** Bytes given to the platform. */
  given = 0

  /** @param step Receives the events. */
  constructor(owner: LineOwner, step: (input: Input) => void) {
    this.#owner = owner
    this.#step = step
  }

  /** Whether a connection was ever dialed. */
  get dialed(): boolean {
    return this.#real !== undefined
  }

  /** Bytes in the platform's buffer. */
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
    const fail = (cause: unknown): void => {
      this.cause = cause
      scope.setTimeout(() => ended(1006, '', false), 0)
    }
    try {
      const real = new (options.WebSocket ?? scope.WebSocket!)(url, protocols) as Real
      this.#real = real
      real.binaryType = 'arraybuffer'
      real.onopen = () => {
        const { protocol, extensions } = real
        this.#step({ type: 'opened', protocol, extensions })
      }
      real.onmessage = ({ data }) => this.#step({ type: 'received', data })
      // where a policy forbids the connection, Chromium reports no `close`
      real.onerror = ({ error }) => fail(error)
      real.onclose = ({ code, reason, wasClean }) => ended(code, reason, wasClean)
    } catch (error) {
      fail(new DialError(error))
    }
  }

  /**
   * Hands over a message. Returns the number of sent bytes at which the message is sent; 0 if it is already, or if the
   * platform does not report it.
   */
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
