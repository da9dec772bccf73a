/** The demo: a server, a page on it, and the same scenario in the terminal. */
import { runScenario } from './scenario.js'
import { startServer } from './server.js'

const once = process.argv.includes('--once')
const server = await startServer()

console.log(once ? '' : `\nOpen this page to play with it:  ${server.origin}/\n`)
const broken = await runScenario(server, (line) => console.log(line))
for (const law of broken) console.log(`A law was broken: ${law}.`)
if (broken.length > 0) process.exitCode = 1
else console.log('Every law held.')

if (once) await server.stop()
else {
  console.log(`\nThe page is at ${server.origin}/  Ctrl-C ends the demo.`)
  process.once('SIGINT', () => void server.stop())
  process.once('SIGTERM', () => void server.stop())
}
