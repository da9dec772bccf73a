/** Drains under way, whether asked for or a part of `close()`, and what each has to keep to. */
import type { ReconnectingSocket } from '../../src/socket/socket.js'
import type { VirtualClock } from './clock.js'
import { Broken } from './laws.js'

/** How often a drain looks, in ms. */
const PACE = 20

export class Drains {
  readonly #socket: ReconnectingSocket
  readonly #clock: VirtualClock
  readonly #report: (error: Broken) => void
  /** When each is over at the latest. */
  readonly #pending = new Set<number[]>()
  /** Of a `close()` that drains first: when it closes at the latest, and when it would if the socket does not stay closed. */
  #closing: { until: number; readonly most: number } | undefined
  /** When it was last seen closed. */
  #closed = -Infinity
  /** When something was last sent: in the same instant a drain may have found nothing before it. */
  #sent = -Infinity

  constructor(socket: ReconnectingSocket, clock: VirtualClock, report: (error: Broken) => void) {
    this.#socket = socket
    this.#clock = clock
    this.#report = report
    socket.on('state', ({ from, to }) => this.#moved(from, to))
  }

  /** Whether it is on its way to be closed. */
  get closing(): boolean {
    return this.#closing !== undefined
  }

  /** Timers that they may own. */
  get timers(): number {
    return this.#pending.size + (this.#closing && this.#closing.until >= this.#clock.now() ? 1 : 0)
  }

  /** `drain()`, from outside of any listener. */
  drain(timeout: number): void {
    const began = this.#clock.now()
    const wasClosed = this.#socket.state === 'closed'
    const one = [began + timeout]
    this.#pending.add(one)
    this.#socket.drain({ timeout }).then(
      () => {
        this.#pending.delete(one)
        this.#holds('a drain ends when nothing is left', this.#found === 0)
      },
      (error: unknown) => {
        this.#pending.delete(one)
        const { code, messages, bytes } = error as { code?: string; messages: number; bytes: number }
        this.#holds('a drain fails with its own error', code === 'ERR_DRAIN')
        this.#holds('a drain fails with something left', messages + bytes > 0)
        const over = wasClosed || this.#closed >= began || this.#clock.now() >= began + timeout
        this.#holds('a drain fails when its time or the socket is over', over)
      },
    )
  }

  /** `close()` with a drain before it. */
  close(ms: number): void {
    const rests = this.#socket.state === 'idle' || this.#socket.state === 'closed'
    const most = this.#clock.now() + ms
    this.#closing = ms > 0 && !rests ? { until: most, most } : undefined
    this.#socket.close(undefined, undefined, { drain: ms })
  }

  /** A message was sent. */
  sent(): void {
    this.#sent = this.#clock.now()
  }

  /** Something else was called, which counts now. */
  overrule(): void {
    this.#closing = undefined
  }

  check(): void {
    const late = [...this.#pending].some(([until]) => until! < this.#clock.now())
    this.#holds('a drain is over in time', !late)
    const closed = this.#socket.state === 'closed' && this.#closed + PACE < this.#clock.now()
    this.#holds('a drain is over with its socket', !closed || this.#pending.size === 0)
  }

  get #left(): number {
    return this.#socket.outbox.size + this.#socket.bufferedAmount
  }

  /** What a drain of this instant has found, at least. */
  get #found(): number {
    return this.#sent === this.#clock.now() ? 0 : this.#left
  }

  #moved(from: string, to: string): void {
    const now = this.#clock.now()
    const closing = this.#closing
    if (from === 'open' && to === 'closing' && closing) {
      this.#holds('close() drains first', this.#found === 0 || now >= closing.until)
      this.#closing = undefined
    }
    // closed and made anew in one go: nobody has looked in between
    if (from === 'closed' && closing) closing.until = closing.most
    if (to !== 'closed') return
    this.#closed = now
    if (closing) closing.until = Math.min(closing.most, now + PACE)
  }

  #holds(law: string, held: boolean): void {
    if (!held) this.#report(new Broken(`${law}: ${this.#left} left in ${this.#socket.state}`))
  }
}
