/** A terminal with a prompt in its last line: output is written above it, and the line being typed is kept. */
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

  /** Calls back for each line entered, for Ctrl-C, and at the end (Ctrl-D). */
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
    // otherwise it would move up once more, by the rows that the typed line had before
    ;(readline as Interface & { prevRows: number }).prevRows = 0
    readline.prompt(true)
  }

  /** Replaces the prompt. */
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
