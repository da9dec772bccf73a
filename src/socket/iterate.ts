/** Messages as an async iteration, bounded: what is slow to consume must not grow without end. */
import { SlowConsumerError } from '../diagnostics/errors.js'
import type { Data } from '../delivery/payload.js'
import { Queue } from '../delivery/queue.js'

/** What an iteration needs of its socket. */
export interface Source {
  /** Most messages held. */
  readonly limit: number
  onMessage(listener: (data: Data) => void): () => void
  /** Calls back if the socket is closed, and nothing that has been called is to change that. */
  ifClosed(callback: () => void): void
  /** Calls back when the socket becomes closed. */
  onClosed(listener: () => void): () => void
  /** Stops reading until the returned function is called; `undefined` where the platform cannot stop. */
  pause(): (() => void) | undefined
}

type Result = IteratorResult<Data, undefined>

/** Starts to hold messages at once. Ends when the socket is closed, after what was held has been consumed. */
export function iterate(source: Source): AsyncIterableIterator<Data> {
  const held = new Queue<Data>()
  const waiting: { resolve(result: Result): void; reject(error: unknown): void }[] = []
  let resume: (() => void) | undefined
  // what comes after the messages that are held: more of them, the end, or an error
  let ending: 'none' | 'done' | SlowConsumerError = 'none'

  const undoMessage = source.onMessage((data) => {
    // a message that is being told while the loop ends
    if (ending !== 'none') return
    const next = waiting.shift()
    if (next) return next.resolve({ done: false, value: data })
    held.push(data)
    if (held.size < source.limit || resume) return
    resume = source.pause()
    // in Node a few more messages may come, from what had been read before the pause
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
