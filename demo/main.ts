/** The demo: a server, a page on it, and the same scenario in the terminal. `--once` ends after the scenario. */
import { runScenario } from './scenario.js'
import { startServer } from './server.js'
import { createTerminal } from './terminal.js'

const once = process.argv.includes('--once')
const server = await startServer()

/** Ctrl-C at any time is an orderly end. */
function leave(): void {
  void server.stop().then(() => process.exit(0))
}
process.once('SIGINT', leave)
process.once('SIGTERM', leave)

console.log(`\nA server runs on this machine, and its page is at ${server.origin}/`)
console.log('Here, one socket stays open while that server ends its connection in every way there is.')
console.log('It ends one only when nothing is on the wire: what is can be lost with any connection.\n')
const color = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
const broken = await runScenario(server, createTerminal(console.log, color))
if (broken.length > 0) process.exitCode = 1

if (once) await server.stop()
else console.log(`\nNow break it yourself: open ${server.origin}/  (Ctrl-C ends)`)
