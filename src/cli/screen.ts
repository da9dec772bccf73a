/** A terminal with a prompt at its foot: what happens is written above it, and the line being typed stays whole. */
import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline'

export class Screen {
  readonly #readline: Interface
  readonly #output: NodeJS.WriteStream
  #prompt = ''
  #open = true

  constructor(input: NodeJS.ReadStream, output: NodeJS.WriteStream) {
    this.#output = output
    this.#readline = createInterface({ input, output, historySize: 1_000, removeHistoryDuplicates: true })
    this.#readline.once('close', () => (this.#open = false))
  }

  /** Calls back with each line that is entered, with Ctrl-C, and at the end: Ctrl-D. */
  listen(on: { line: (text: string) => void; interrupt: () => void; end: () => void }): void {
    this.#readline.on('line', on.line).on('SIGINT', on.interrupt).once('close', on.end)
  }

  /** Writes above the prompt. */
  write(text: string): void {
    if (!this.#open) {
      this.#output.write(text + '\n')
      return
    }
    const readline = this.#readline
    moveCursor(this.#output, 0, -readline.getCursorPos().rows)
    cursorTo(this.#output, 0)
    clearScreenDown(this.#output)
    this.#output.write(text + '\n')
    // it would move up once more, by the rows that the line being typed had before
    ;(readline as Interface & { prevRows: number }).prevRows = 0
    readline.prompt(true)
  }

  /** Shows another prompt in place. */
  prompt(text: string): void {
    if (!this.#open || text === this.#prompt) return
    this.#prompt = text
    this.#readline.setPrompt(text)
    this.#readline.prompt(true)
  }

  close(): void {
    this.#readline.close()
  }
}
