/** The everopen command: reads its arguments, does what they say, and ends with a status that a script can use. */
import { readFileSync } from 'node:fs'
import { connectConfig } from './config.js'
import { exit } from './exit.js'
import { Interrupt } from './interrupt.js'
import { Output } from './output.js'
import { pipe } from './pipe.js'
import { readProgram, Told } from './program.js'
import { Reporter } from './reporter.js'
import { converse } from './session.js'
import { UsageError } from './usage-error.js'

// the bundle is in `dist`
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
}

async function main(output: Output): Promise<number> {
  const { urls, given } = readProgram(process.argv.slice(2), version, (text) => output.write(text))
  const config = connectConfig(urls, given)
  const reporter = new Reporter(config, {
    output: (chunk) => output.write(chunk),
    line: (text) => process.stderr.write(text + '\n'),
  })
  const interrupt = new Interrupt((status) => process.exit(status))
  return converse(config, reporter, output, interrupt, pipe)
}

/** The status of what was thrown. */
function explain(error: unknown): number {
  if (error instanceof Told) return exit.ok
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`everopen: ${error.message}\nTry: everopen --help\n`)
  return exit.usage
}

// a reader of the diagnostics that goes away is no reason to stop
process.stderr.on('error', () => {})
const output = new Output()
const status = await main(output).catch(explain)
await output.flushed()
// the input may still be open, and is of no interest any more
process.exit(status)
