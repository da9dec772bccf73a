/** `npm run demo [-- --once]`: sets up what is missing, then starts the demo. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ensureBuilt, ensureInstalled } from './setup.mjs'

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`The demo needs Node 20 or newer; this is ${process.version}.`)
  process.exit(1)
}
await ensureInstalled()
await ensureBuilt()

// only now: tsx has just been installed
const main = fileURLToPath(new URL('../demo/main.ts', import.meta.url))
const child = spawn(process.execPath, ['--import', 'tsx', main, ...process.argv.slice(2)], {
  stdio: 'inherit',
  cwd: fileURLToPath(new URL('..', import.meta.url)),
})
// Ctrl-C reaches the demo itself, which ends cleanly
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.once('exit', (code) => (process.exitCode = code ?? 1))
