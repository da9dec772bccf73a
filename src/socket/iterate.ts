/** Messages as an async iteration with a limit, so that a slow consumer cannot exhaust memory. */
import { SlowConsumerError } from '../diagnostics/errors.js'
import type { Data } from '../delivery/payload.js'
import { Queue } from '../delivery/queue.js'

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
  const held = new Queue<Data>()
  const waiting: { resolve(result: Result): void; reject(error: unknown): void }[] = []
  let resume: (() => void) | undefined
  // what follows the held messages: more messages, the end, or an error
  let ending: 'none' | 'done' | SlowConsumerError = 'none'

  const undoMessage = source.onMessage((data) => {
    // a message that is being delivered while the loop ends
    if (ending !== 'none') return
    const next = waiting.shift()
    if (next) return next.resolve({ done: false, value: data })
    held.push(data)
    if (held.size < source.limit || resume) return
    resume = source.pause()
    // in Node a few more messages may arrive that had been read before the pause
    if (!resume) end(new SlowConsumerError(source.limit))
  })
  const undoClosed = source.onClosed(() => end('done'))
  source.ifClosed(() => end('done'))

  function end(how: Exclude<typeof ending, 'none'>): void {
    if (ending !== 'none') return
    ending = how
    undoMessage()
    undoClosed()
    resume?.()
    resume = undefined
    for (const next of waiting.splice(0)) next.resolve({ done: true, value: undefined })
  }

  return {
    next() {
      const value = held.shift()
      if (value !== undefined) {
        if (resume && held.size <= source.limit / 2) {
          resume()
          resume = undefined
        }
        return Promise.resolve({ done: false, value })
      }
      if (ending === 'none') return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
      if (ending === 'done') return Promise.resolve({ done: true, value: undefined })
      const error = ending
      ending = 'done'
      return Promise.reject(error)
    },
    return() {
      held.clear()
      end('done')
      ending = 'done'
      return Promise.resolve({ done: true, value: undefined })
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
