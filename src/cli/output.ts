/** The standard output, written as fast as it is read. */
import { once } from 'node:events'

export class Output {
  readonly #stream: NodeJS.WriteStream
  readonly #broken: Promise<NodeJS.ErrnoException>
  /** Shared by all who wait, so that the stream has one listener for them. */
  #room: Promise<unknown> | undefined

  constructor(stream: NodeJS.WriteStream = process.stdout) {
    this.#stream = stream
    // without a listener, an error would end the process with a stack trace
    this.#broken = new Promise((resolve) => stream.on('error', resolve))
  }

  /** Resolves when nothing can be written any more: the reader has gone, or the disk is full. */
  get broken(): Promise<NodeJS.ErrnoException> {
    return this.#broken
  }

  write(chunk: string | Uint8Array): void {
    this.#stream.write(chunk)
  }

  /** Whether what is written now has to wait. */
  get full(): boolean {
    return this.#stream.writableNeedDrain
  }

  /** Resolves when there is room again, or will never be. */
  async room(): Promise<void> {
    // not a race with `broken`, which would keep something of each race until it resolves
    if (this.full)
      await (this.#room ??= once(this.#stream, 'drain')
        .catch(() => {})
        .finally(() => (this.#room = undefined)))
  }

  /** Resolves when everything has been written, or nothing can be any more. */
  async flushed(): Promise<void> {
    // an error is told to the callback before the event
    const written = new Promise<void>((resolve) => this.#stream.write('', (error) => error ?? resolve()))
    await Promise.race([written, this.#broken])
  }
}
