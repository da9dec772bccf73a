/** The input, read a little ahead of the lines that are taken: its end is seen although lines wait. */
import { PassThrough, type Readable } from 'node:stream'
import { lines } from './lines.js'

/** Largest number of bytes read ahead. */
const AHEAD = 2 ** 20

export interface Input {
  /** Two iterations share the lines. */
  readonly lines: AsyncIterable<Buffer> | Iterable<Buffer>
  /** Resolves at the end of the input; with an error if the rest cannot be read. */
  readonly ended: Promise<NodeJS.ErrnoException | void>
  /** Reads no more: only lines that have been read are left, and a part of a line is none. */
  stop(): void
}

/**
 * @param end As for `lines()`.
 * @param torn Called for a line of which only a part was read.
 */
export function readAhead(stream: Readable, end?: 'crlf' | 'lf', torn?: () => void): Input {
  const ahead = stream.pipe(new PassThrough({ readableHighWaterMark: AHEAD }))
  const isTorn = (): boolean => {
    if (!stream.readableEnded) torn?.()
    return !stream.readableEnded
  }
  const stop = (): void => {
    stream.destroy()
    ahead.end()
  }
  const ended = new Promise<NodeJS.ErrnoException | void>((resolve) =>
    stream.once('end', resolve).on('error', resolve),
  )
  void ended.then(stop)
  return { lines: lines(ahead, end, isTorn), ended, stop }
}

/** An input of messages that are known from the start. */
export function given(messages: readonly string[]): Input {
  return { lines: messages.map((text) => Buffer.from(text)).values(), ended: Promise.resolve(), stop() {} }
}
