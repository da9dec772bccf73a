/** Writes the application's messages to the store in batches, in the order in which they were sent. */
import { types } from 'node:util'
import { InvalidArgumentError } from '../diagnostics/errors.js'
import { SessionFullError } from './errors.js'
import { sizeOf } from './payload.js'
import type { Appended, Bounds, Payload } from './store.js'

/** Largest number of messages and bytes stored at once, except for a single larger message. */
const BATCH = 512
const BATCH_BYTES = 262_144

/** Data that an application can send. */
export type Sendable = string | ArrayBuffer | ArrayBufferView

interface Waiting {
  readonly data: Payload
  readonly size: number
  readonly resolve: (number: number) => void
  readonly reject: (error: unknown) => void
}

/** Stores messages. An error is passed to the senders. */
export type Append = (messages: readonly Payload[]) => Promise<Appended | Error>

export class Outbox {
  /** What follows it once another server has the session. */
  declare next?: Outbox
  readonly #append: Append
  readonly #bounds: Bounds
  readonly #waiting: Waiting[] = []
  #bytes = 0
  #work: Promise<void> | undefined

  /** @param bounds Limits on what may wait for the store: as much as the store may hold. */
  constructor(append: Append, bounds: Bounds) {
    this.#append = append
    this.#bounds = bounds
  }

  /**
   * Resolves with the message's number once it is stored.
   * @throws InvalidArgumentError synchronously, for data that cannot be sent
   */
  send(data: Sendable): Promise<number> {
    const payload = toPayload(data)
    const size = sizeOf(payload)
    const promise = new Promise<number>((resolve, reject) => {
      if (this.#waiting.length >= this.#bounds.messages || this.#bytes + size > this.#bounds.bytes)
        return reject(new SessionFullError())
      this.#waiting.push({ data: payload, size, resolve, reject })
      this.#bytes += size
    })
    // an ignored promise causes no unhandled rejection
    promise.catch(() => {})
    this.#work ??= this.#run()
    return promise
  }

  /** Whether messages wait or are being stored. */
  get busy(): boolean {
    return this.#work !== undefined
  }

  /** Resolves once the messages sent so far are stored; others may have come since. */
  async drained(): Promise<void> {
    await this.#work
  }

  async #run(): Promise<void> {
    // after all messages of this turn
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const batch = this.#take()
      let result: Appended | Error
      try {
        result = await this.#append(batch.map(({ data }) => data))
      } catch (error) {
        result = error as Error
      }
      settle(batch, result)
    }
    this.#work = undefined
  }

  #take(): Waiting[] {
    let bytes = 0
    let count = 0
    for (const { size } of this.#waiting) {
      if (count === BATCH || (count > 0 && bytes + size > BATCH_BYTES)) break
      bytes += size
      count++
    }
    this.#bytes -= bytes
    return this.#waiting.splice(0, count)
  }
}

function settle(batch: readonly Waiting[], result: Appended | Error): void {
  if (result instanceof Error) {
    for (const { reject } of batch) reject(result)
    return
  }
  const { last, count } = result
  for (const [index, { resolve, reject }] of batch.entries()) {
    if (index < count) resolve(last - count + index + 1)
    else reject(new SessionFullError())
  }
}

/**
 * Copies binary data, because the store keeps it.
 * @throws InvalidArgumentError
 */
export function toPayload(data: Sendable): Payload {
  if (typeof data === 'string') return data
  try {
    if (types.isArrayBuffer(data)) return new Uint8Array(data.slice(0))
    if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
  } catch {
    // it is detached
  }
  throw new InvalidArgumentError('data', 'must be a string, an ArrayBuffer or a view of one')
}
