/** The standard output, written as fast as it is read. */
import { once } from 'node:events'

export class Output {
  readonly #stream: NodeJS.WriteStream
  readonly #broken: Promise<void>

  constructor(stream: NodeJS.WriteStream = process.stdout) {
    this.#stream = stream
    // without a listener, a reader that goes away would end the process with a stack trace
    this.#broken = new Promise((resolve) => stream.once('error', () => resolve()).on('error', () => {}))
  }

  /** Resolves when the reader has gone. */
  get broken(): Promise<void> {
    return this.#broken
  }

  write(chunk: string | Uint8Array): void {
    this.#stream.write(chunk)
  }

  /** Resolves when there is room again, or the reader goes away. */
  async room(): Promise<void> {
    // not a race with `broken`, which would keep something of each race until it resolves
    if (this.#stream.writableNeedDrain) await once(this.#stream, 'drain').catch(() => {})
  }

  /** Resolves when everything has been written. */
  async flushed(): Promise<void> {
    await Promise.race([new Promise((resolve) => this.#stream.write('', resolve)), this.#broken])
  }
}
