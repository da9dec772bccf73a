/** The standard output, as fast as it is read. */
import { once } from 'node:events'

export class Output {
  readonly #stream: NodeJS.WriteStream
  readonly #broken: Promise<void>

  constructor(stream: NodeJS.WriteStream = process.stdout) {
    this.#stream = stream
    // without a listener, a reader that goes away would end the process with a stack
    this.#broken = new Promise((resolve) => stream.once('error', () => resolve()).on('error', () => {}))
  }

  /** Resolves when nobody reads it any more. */
  get broken(): Promise<void> {
    return this.#broken
  }

  write(chunk: string | Uint8Array): void {
    this.#stream.write(chunk)
  }

  /** Resolves when there is room again, or never will be. */
  async room(): Promise<void> {
    if (this.#stream.writableNeedDrain) await Promise.race([once(this.#stream, 'drain'), this.#broken])
  }

  /** Resolves when all of it has been taken. */
  async flushed(): Promise<void> {
    await Promise.race([new Promise((resolve) => this.#stream.write('', resolve)), this.#broken])
  }
}
