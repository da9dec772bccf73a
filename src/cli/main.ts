/** The everopen command: parses its arguments, runs, and exits with a status for scripts. */
import { readFileSync } from 'node:fs'
import { connectConfig, listenConfig, type Voice } from './config.js'
import { exit } from './exit.js'
import { framed, shown } from './framing.js'
import { Interrupt } from './interrupt.js'
import { listen } from './listen.js'
import { Output } from './output.js'
import { pipe } from './pipe.js'
import { readProgram, Told } from './program.js'
import { Reporter, type Sinks } from './reporter.js'
import { Screen } from './screen.js'
import { converse, type Work } from './conversation.js'
import { terminal } from './terminal.js'
import { UsageError } from './usage-error.js'

// relative to the bundle in `dist`
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
}

async function main(output: Output): Promise<number> {
  const { urls, given } = readProgram(process.argv.slice(2), version, (text) => output.write(text))
  if (given.listen !== undefined) {
    const config = listenConfig(urls, given)
    interrupt.listen()
    return listen(config, new Reporter(config, toPipe(config, output)), output, interrupt)
  }
  const config = connectConfig(urls, given)
  // not before: a secret may be read from the input, and nothing is heard meanwhile
  interrupt.listen()
  if (!process.stdin.isTTY || !process.stdout.isTTY || config.execute)
    return converse(config, new Reporter(config, toPipe(config, output)), output, interrupt, pipe)
  const screen = new Screen(process.stdin, process.stdout)
  const reporter = new Reporter(config, toScreen(screen))
  const work: Work = (conversation) => terminal(conversation, screen, reporter, interrupt)
  return converse(config, reporter, output, interrupt, work).finally(() => screen.close())
}

function toPipe(voice: Voice, output: Output): Sinks {
  return {
    message: (data) => output.write(framed(data, voice)),
    object: (json) => output.write(json + '\n'),
    line: (text) => process.stderr.write(text + '\n'),
    stream: process.stderr,
  }
}

function toScreen(screen: Screen): Sinks {
  const line = (text: string): void => screen.write(text)
  // the prompt shows the countdown
  return { message: (data) => line(shown(data)), object: line, line, stream: process.stdout, hidden: 'wait' }
}

/** Ends the run: its output cannot be written any more. */
function end(error: NodeJS.ErrnoException): void {
  const gone = error.code === 'EPIPE' || error.code === 'ECONNRESET'
  if (!gone) process.stderr.write(`everopen: the output cannot be written: ${error.code}\n`)
  interrupt.end(gone ? exit.broken : exit.unwritten)
}

/** The exit status for an exception. */
function explain(error: unknown): number {
  if (error instanceof Told) return exit.ok
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`everopen: ${error.message}\nTry: everopen --help\n`)
  return exit.usage
}

// continue if the reader of the diagnostics goes away
process.stderr.on('error', () => {})
const output = new Output()
const interrupt = new Interrupt((status) => process.exit(status))
void output.broken.then(end)
// no top-level await: later imports come after this in the bundle
void main(output)
  .catch(explain)
  .then(async (status) => {
    await output.flushed()
    // the input may still be open, but is no longer needed
    process.exit(interrupt.status ?? status)
  })
