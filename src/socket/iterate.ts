/** Messages as an async iteration with a limit, so that a slow consumer cannot exhaust memory. */
import { SlowConsumerError } from '../diagnostics/errors.js'
import type { Data } from '../delivery/payload.js'
import { Reader } from '../delivery/reader.js'

/** What an iteration needs of its socket. */
export interface Source {
  /** Largest number of messages held. */
  readonly limit: number
  onMessage(listener: (data: Data) => void): () => void
  /** Calls back if the socket is closed and no pending call will change that. */
  ifClosed(callback: () => void): void
  /** Calls back when the socket becomes closed. */
  onClosed(listener: () => void): () => void
  /** Pauses reading until the returned function is called; `undefined` if the platform cannot pause. */
  pause(): (() => void) | undefined
}

type Result = IteratorResult<Data, undefined>

/** Holds messages from now on. Ends when the socket is closed and all held messages have been consumed. */
export function iterate(source: Source): AsyncIterableIterator<Data> {
  const reader = new Reader<Result>(source.limit, () => source.pause())
  // rejects one call, after the held messages
  let error: SlowConsumerError | undefined

  const undoMessage = source.onMessage((value) => {
    if (reader.add({ done: false, value })) return
    error = new SlowConsumerError(source.limit)
    end()
  })
  const undoClosed = source.onClosed(end)
  source.ifClosed(end)

  function end(): void {
    undoMessage()
    undoClosed()
    reader.resume()
    reader.end(({ resolve, reject }) => {
      if (error) reject(error)
      else resolve({ done: true, value: undefined })
      error = undefined
    })
  }

  return {
    next: () => reader.next(),
    return() {
      reader.clear()
      error = undefined
      end()
      return reader.next()
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
