/** Messages of a session: the server acknowledges each of them, so their outcome is known. */
import { OutboxFullError } from '../index.js'
import type { NodeSessionEvents, SessionSocket } from '../session/index.js'
import type { CountedStore } from './counted-store.js'
import { change, type Deliverer } from './delivery.js'
import type { CommandRecord } from './record.js'

/** How to report the session of a run. */
export interface SessionReport {
  /** The file that keeps the session for the next run. */
  readonly store: CountedStore | undefined
  /** Whether each acknowledged message is reported. */
  readonly each: boolean
  readonly tell: (record: CommandRecord) => void
}

export class SessionDelivery implements Deliverer {
  readonly #socket: SessionSocket<NodeSessionEvents>
  readonly #report: SessionReport
  #refused = 0
  #unsent = 0
  #lost = 0

  constructor(socket: SessionSocket<NodeSessionEvents>, report: SessionReport) {
    this.#socket = socket
    this.#report = report
    socket.on('resumed', ({ missed }) => report.tell({ type: 'resumed', missed }))
    socket.on('lost', ({ reason, session, messages }) => {
      // nothing is sent before the server has named the session
      if (reason === 'left' && session === undefined) this.#unsent = messages.length
      else this.#lost += messages.length
      // at the end of the run, these are reported separately
      if (reason !== 'left') report.tell({ type: 'lost', reason, messages: messages.length })
    })
  }

  get waiting(): { readonly size: number; readonly bytes: number } {
    return this.#socket.held
  }

  get undelivered(): number {
    const { store } = this.#report
    const held = store && !store.opened ? this.#socket.held.size : 0
    return this.#refused + this.#unsent + held
  }

  get inDoubt(): number {
    return this.#lost
  }

  get kept(): number {
    return this.#report.store?.size ?? 0
  }

  refuse(): void {
    this.#refused++
  }

  async send(message: string | Uint8Array): Promise<boolean> {
    this.#refused++
    while (this.#socket.state !== 'closed') {
      if (this.offer(message)) {
        this.#refused--
        return true
      }
      // it will not fit later either
      if (this.#socket.held.size === 0) break
      await change(this.#socket)
    }
    return false
  }

  offer(message: string | Uint8Array): boolean {
    try {
      const number = this.#socket.send(message)
      if (this.#report.each) this.#follow(number)
      return true
    } catch (error) {
      if (error instanceof OutboxFullError) return false
      throw error
    }
  }

  async flushed(limit = Infinity): Promise<boolean> {
    const until = performance.now() + limit
    while (this.#socket.state !== 'closed') {
      if (this.#socket.state === 'open' && this.#socket.held.size === 0) return true
      const left = until - performance.now()
      if (left <= 0) return false
      await change(this.#socket, left)
    }
    return false
  }

  /** Ends a session in memory, so that the server forgets it; another run could not resume it. */
  finish(): void {
    if (this.#report.store) this.#socket.close(1000)
    else this.#socket.end()
  }

  stop(): void {}

  /** Reports the message once it is acknowledged; `lost` reports it otherwise. */
  #follow(number: number): void {
    this.#socket.delivered(number).then(
      () => this.#report.tell({ type: 'delivered', number }),
      () => {},
    )
  }
}
