/** What the heartbeat of a connection feels: what its link says, and its owner. */
import { checkPayload, type Data } from '../delivery/payload.js'
import { HeartbeatError } from '../diagnostics/errors.js'
import { reportError } from '../diagnostics/report.js'
import type { HeartbeatSettings } from '../options/settings.js'
import type { Link } from '../platform/platform.js'
import type { Pulse } from './heartbeat.js'
import type { Owner } from './owner.js'

/** The connection that it is of. */
interface Body {
  /** Messages received. */
  readonly messages: number
  /** The peer is taken for dead. */
  die(cause: HeartbeatError): void
}

export class LinkPulse implements Pulse {
  readonly #link: Link
  readonly #owner: Owner
  readonly #body: Body

  constructor(link: Link, owner: Owner, body: Body) {
    this.#link = link
    this.#owner = owner
    this.#body = body
  }

  ping(): void {
    const { message } = this.#owner.settings.heartbeat!
    const link = this.#link
    try {
      if (message === undefined) return link.ping!()
      const data = typeof message === 'function' ? message() : message
      checkPayload(data)
      link.beat(data)
    } catch (error) {
      // a message() that throws is the user's; without a ping the verdict follows in time
      reportError(error)
    }
  }

  received(): number {
    return this.#link.received?.() ?? this.#body.messages
  }

  queued(): number {
    // where that is not counted, nothing is known to wait
    return this.#link.taken ? this.#link.bufferedAmount : 0
  }

  taken(): number {
    return this.#link.taken?.() ?? 0
  }

  patience(): number {
    return this.#link.received ? 1 : this.#owner.patience.factor
  }

  paused(): boolean {
    return this.#owner.paused
  }

  alive(): void {
    this.#owner.patience.answered()
    this.#owner.flow()
  }

  dead(): void {
    if (this.#body.messages > 0) this.#owner.patience.failed()
    this.#body.die(new HeartbeatError(this.#owner.settings.heartbeat!.timeout))
  }
}

/** Whether a message is the reply to one of the heartbeat's. */
export function isReply(heartbeat: HeartbeatSettings | undefined, data: Data): boolean {
  try {
    return heartbeat?.isReply?.(data) ?? false
  } catch (error) {
    reportError(error)
    return false
  }
}
