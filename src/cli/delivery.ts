/**
 * Gives messages to a socket no faster than they leave, and knows what became of each: it waits, it has certainly
 * arrived, or nobody can tell.
 *
 * A connection that dies takes with it what was on its way. A ping that goes out after a message and is answered
 * proves that the message arrived, and so does a closing handshake that this side began. Where the server closes with
 * 1000, whatever it has sent something after is taken for received: a question that was answered.
 */
import { OutboxFullError, type ReconnectingSocket } from '../index.js'
import type { Prepared } from './connect.js'

/** Bytes that may be on their way into the network: what comes after them waits in the input. */
const HIGH_WATER = 256 * 1_024
/** How often an open connection is asked whether it has room again. */
const PACE = 10
/** How long after a message its receipt is asked for: one ping for all that were sent meanwhile. */
const RECEIPT_AFTER = 50

export class Delivery {
  readonly #socket: ReconnectingSocket
  readonly #ping: () => void
  #refused = 0
  #held = 0
  #accepted = 0
  #arrived = 0
  /** What had been given to a connection when the last message came. */
  #heard = 0
  #inDoubt = 0
  #asked: { readonly at: number; readonly handed: number } | undefined
  #timer: NodeJS.Timeout | undefined

  constructor({ socket, ping }: Prepared) {
    this.#socket = socket
    this.#ping = ping
    socket.on('heartbeat', ({ rtt }) => this.#answered(performance.now() - rtt))
    socket.on('close', ({ by, code, wasClean }) => {
      // its own Close tells that it is done, not what it has read
      const known = code === 1000 && wasClean ? Math.max(this.#arrived, this.#heard) : this.#arrived
      if (by !== 'user' || !wasClean) this.#inDoubt += this.#handed - known
      this.#arrived = this.#handed
      this.#asked = undefined
    })
    socket.on('message', () => (this.#heard = this.#handed))
    socket.on('open', () => this.#arm())
  }

  /** Messages that are known not to have arrived. */
  get undelivered(): number {
    return this.#refused + this.#held + this.#socket.outbox.size
  }

  /** Messages that were on a connection when it was lost. */
  get inDoubt(): number {
    return this.#inDoubt
  }

  /** What was given to a connection, and not given back. */
  get #handed(): number {
    return this.#accepted - this.#socket.outbox.size
  }

  /** A line that can be no message. */
  refuse(): void {
    this.#refused++
  }

  /** Resolves when there is room for more; false where the socket is closed first, and the message undelivered. */
  async send(message: string | Uint8Array): Promise<boolean> {
    const socket = this.#socket
    this.#held = 1
    while (socket.state !== 'closed') {
      if ((socket.state !== 'open' || socket.bufferedAmount < HIGH_WATER) && this.offer(message)) {
        this.#held = 0
        return true
      }
      await this.#change()
    }
    return false
  }

  /** Takes a message at once, or says that there is no room. */
  offer(message: string | Uint8Array): boolean {
    try {
      this.#socket.send(message)
      this.#accepted++
      this.#arm()
      return true
    } catch (error) {
      if (error instanceof OutboxFullError) return false
      throw error
    }
  }

  /** Resolves when all has left this process; false where the socket is closed, or `limit` ms are over, first. */
  async flushed(limit = Infinity): Promise<boolean> {
    const socket = this.#socket
    const until = performance.now() + limit
    while (socket.state !== 'closed') {
      if (socket.state === 'open' && socket.outbox.size === 0 && socket.bufferedAmount === 0) return true
      const left = until - performance.now()
      if (left <= 0) return false
      await this.#change(left)
    }
    return false
  }

  /** The next change of state, or a moment later where room may have come; `most` ms at most. */
  #change(most = Infinity): Promise<void> {
    return new Promise((resolve) => {
      const wait = this.#socket.state === 'open' ? Math.min(PACE, most) : most
      const timer = wait === Infinity ? undefined : setTimeout(() => done(), wait)
      const undo = this.#socket.on('state', () => done())
      const done = (): void => {
        clearTimeout(timer)
        undo()
        resolve()
      }
    })
  }

  /** Asks for a receipt in a while, and again until all has arrived. */
  #arm(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      if (this.#socket.state !== 'open' || this.#handed === this.#arrived) return
      this.#ask()
      this.#arm()
    }, RECEIPT_AFTER)
  }

  #ask(): void {
    this.#asked ??= { at: performance.now(), handed: this.#handed }
    this.#ping()
  }

  /** A ping of that time was answered. One from before the question is no answer to it. */
  #answered(pingedAt: number): void {
    const asked = this.#asked
    if (!asked || pingedAt < asked.at) return
    this.#arrived = Math.max(this.#arrived, asked.handed)
    this.#asked = undefined
  }

  /** Nothing is asked any more. */
  stop(): void {
    clearTimeout(this.#timer)
  }
}
