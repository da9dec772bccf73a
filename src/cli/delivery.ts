/**
 * Passes messages to a socket no faster than they leave, and tracks the outcome of each: waiting, arrived, or in doubt.
 *
 * Messages in transit are lost with a connection. An answered ping proves that the messages before it arrived, and so
 * does a closing handshake that this side started. If the server closes with 1000, messages before its last message count
 * as received.
 */
import { type NodeEvents, OutboxFullError, type ReconnectingSocket } from '../index.js'
import type { CommandSocket, PlainPrepared } from './connect.js'

/** What the command needs to know about the messages that it sends. */
export interface Deliverer {
  /** Messages that are known not to have arrived. */
  readonly undelivered: number
  /** Messages that may or may not have arrived. */
  readonly inDoubt: number
  /** With a session: messages that its file keeps for the next run. */
  readonly kept?: number
  /** Messages that have not been sent, or with a session not acknowledged. */
  readonly waiting: { readonly size: number; readonly bytes: number }
  /** Counts a line that cannot be sent as a message. */
  refuse(): void
  /** Resolves with true once the message is accepted; with false, and counts it, if it cannot be sent any more. */
  send(message: string | Uint8Array): Promise<boolean>
  /** Accepts a message at once, or returns false if there is no room. */
  offer(message: string | Uint8Array): boolean
  /** Resolves with true once nothing waits; with false if the socket is closed, or `limit` ms are over, first. */
  flushed(limit?: number): Promise<boolean>
  /** Starts to close the connection, at the end of the run. */
  finish(): void
  /** Stops all timers. */
  stop(): void
}

/** Largest number of bytes being sent: further messages wait in the input. */
const HIGH_WATER = 256 * 1_024
/** Interval for checking whether an open connection has room again, in ms. */
const PACE = 10
/** How long after a message to send a ping that confirms it, in ms: one ping for all messages until then. */
const RECEIPT_AFTER = 50

export class Delivery implements Deliverer {
  readonly #socket: ReconnectingSocket<NodeEvents>
  readonly #ping: () => void
  #refused = 0
  #accepted = 0
  #arrived = 0
  /** Number of messages handed to the connection when the last message arrived. */
  #heard = 0
  #inDoubt = 0
  #asked: { readonly at: number; readonly handed: number } | undefined
  #timer: NodeJS.Timeout | undefined

  constructor({ socket, ping }: PlainPrepared) {
    this.#socket = socket
    this.#ping = ping
    socket.on('heartbeat', ({ rtt }) => this.#answered(performance.now() - rtt))
    socket.on('close', ({ by, code, wasClean }) => {
      // the server's Close frame ends the connection, but does not say what the server has read
      const known = code === 1000 && wasClean ? Math.max(this.#arrived, this.#heard) : this.#arrived
      if (by !== 'user' || !wasClean) this.#inDoubt += this.#handed - known
      this.#arrived = this.#handed
      this.#asked = undefined
    })
    socket.on('message', () => (this.#heard = this.#handed))
    socket.on('open', () => this.#arm())
  }

  get waiting(): { readonly size: number; readonly bytes: number } {
    return this.#socket.outbox
  }

  get undelivered(): number {
    return this.#refused + this.#socket.outbox.size
  }

  get inDoubt(): number {
    return this.#inDoubt
  }

  /** Number of messages handed to a connection and not returned. */
  get #handed(): number {
    return this.#accepted - this.#socket.outbox.size
  }

  refuse(): void {
    this.#refused++
  }

  async send(message: string | Uint8Array): Promise<boolean> {
    const socket = this.#socket
    this.#refused++
    while (socket.state !== 'closed') {
      if ((socket.state !== 'open' || socket.bufferedAmount < HIGH_WATER) && this.offer(message)) {
        this.#refused--
        return true
      }
      await change(socket)
    }
    return false
  }

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

  async flushed(limit = Infinity): Promise<boolean> {
    const socket = this.#socket
    const until = performance.now() + limit
    while (socket.state !== 'closed') {
      if (socket.state === 'open' && socket.outbox.size === 0 && socket.bufferedAmount === 0) return true
      const left = until - performance.now()
      if (left <= 0) return false
      await change(socket, left)
    }
    return false
  }

  /** Schedules a ping, and repeats that until all messages have arrived. */
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

  /** The ping of that time was answered. A ping from before the question does not count. */
  #answered(pingedAt: number): void {
    const asked = this.#asked
    if (!asked || pingedAt < asked.at) return
    this.#arrived = Math.max(this.#arrived, asked.handed)
    this.#asked = undefined
  }

  finish(): void {
    this.#socket.close(1000)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}

/** Resolves at the next change of state, or shortly while a connection is open: it may have room again. */
export function change(socket: CommandSocket, most = Infinity): Promise<void> {
  return new Promise((resolve) => {
    const wait = socket.state === 'open' ? Math.min(PACE, most) : most
    const timer = wait === Infinity ? undefined : setTimeout(() => done(), wait)
    const undo = socket.on('state', () => done())
    const done = (): void => {
      clearTimeout(timer)
      undo()
      resolve()
    }
  })
}
