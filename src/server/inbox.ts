/** Delivers a client's messages to the application, one at a time, in order. */
import { Queue } from '../delivery/queue.js'
import { MOST_IN_TRANSIT } from '../session/protocol/outgoing.js'
import { once } from '../socket/emitter.js'
import type { Awaitable } from './types.js'
import type { Payload } from './store.js'

/** The position of a message in the session's stream. */
export interface MessageInfo {
  /** Counted from 1. A message that is delivered again keeps its number. */
  readonly number: number
}

/** Handles a client's message. The message is acknowledged when the returned promise resolves. */
export type MessageHandler = (data: Payload, info: MessageInfo) => Awaitable<unknown>

/**
 * Reading pauses when more messages than this are waiting, and resumes at half of it. A client that keeps to the protocol
 * never comes there.
 */
const CROWD = MOST_IN_TRANSIT

interface Waiting extends MessageInfo {
  readonly data: Payload
  readonly at: number
}

export interface InboxListener {
  /** The application has processed all messages up to this one. */
  handled(number: number, at: number): void
  /** A handler has thrown. No more messages are delivered. */
  failed(error: unknown): void
  crowded(): void
  relieved(): void
}

export class Inbox {
  readonly #listener: InboxListener
  readonly #handlers: MessageHandler[] = []
  readonly #waiting = new Queue<Waiting>()
  #state: 'idle' | 'giving' | 'stopped' = 'idle'
  #crowd: 'few' | 'many' = 'few'
  #running: Promise<unknown> | undefined

  constructor(listener: InboxListener) {
    this.#listener = listener
  }

  /** Adds a handler; messages wait while there is none. Returns a function that removes it. */
  add(handler: MessageHandler): () => void {
    const handlers = this.#handlers
    handlers.push(handler)
    queueMicrotask(() => this.run())
    return once(() => void handlers.splice(handlers.indexOf(handler), 1))
  }

  /** Whether reading should pause. */
  get crowd(): 'few' | 'many' {
    return this.#crowd
  }

  push(data: Payload, number: number, at: number): void {
    this.#waiting.push({ data, number, at })
    if (this.#crowd === 'few' && this.#waiting.size > CROWD) {
      this.#crowd = 'many'
      this.#listener.crowded()
    }
  }

  /** Gives one more: at once, and it never waits, where nothing is in its way. */
  give(data: Payload, number: number, at: number): void {
    if (this.#state !== 'idle' || this.#waiting.size > 0 || this.#handlers.length === 0)
      this.push(data, number, at)
    else this.#give(data, number, at)
    this.run()
  }

  /** Gives what waits, as far as the handlers allow. */
  run(): void {
    while (this.#state === 'idle' && this.#waiting.size > 0 && this.#handlers.length > 0) {
      const { data, number, at } = this.#take()
      this.#give(data, number, at)
    }
  }

  /** Stops delivery. Resolves once the running handler is done. */
  async stop(): Promise<void> {
    this.#state = 'stopped'
    this.#waiting.clear()
    // where a handler calls this, its promise is there a moment later
    await Promise.resolve()
    await this.#running
  }

  #take(): Waiting {
    const message = this.#waiting.shift()!
    if (this.#crowd === 'many' && this.#waiting.size < CROWD / 2) {
      this.#crowd = 'few'
      this.#listener.relieved()
    }
    return message
  }

  #give(data: Payload, number: number, at: number): void {
    this.#state = 'giving'
    let result: Awaitable<unknown>
    try {
      result = this.#call(data, { number })
    } catch (error) {
      return this.#fail(error)
    }
    if (isThenable(result)) return this.#await(result, number, at)
    this.#handled(number, at)
  }

  #call(data: Payload, info: MessageInfo): Awaitable<unknown> {
    const handlers = this.#handlers
    if (handlers.length === 1) return handlers[0]!(data, info)
    return callAll([...handlers], data, info)
  }

  #handled(number: number, at: number): void {
    this.#listener.handled(number, at)
    if (this.#state === 'giving') this.#state = 'idle'
  }

  #await(result: PromiseLike<unknown>, number: number, at: number): void {
    this.#running = Promise.resolve(result).then(
      () => {
        this.#running = undefined
        this.#handled(number, at)
        this.run()
      },
      (error: unknown) => this.#fail(error),
    )
  }

  #fail(error: unknown): void {
    this.#running = undefined
    this.#state = 'stopped'
    this.#listener.failed(error)
  }
}

/** Rejects with the first error, but only when all are done: then the message may be delivered again. */
async function callAll(handlers: readonly MessageHandler[], data: Payload, info: MessageInfo): Promise<void> {
  const results = await Promise.allSettled(handlers.map(async (handler) => await handler(data, info)))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined)?.then === 'function'
}
