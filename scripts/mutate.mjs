/** `npm run mutate -- <folder or file below src> … [options of Stryker]`: changes the code there, one place at a time, and looks which test fails. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const given = process.argv.slice(2)
const end = given.findIndex((arg) => arg.startsWith('-'))
const places = end < 0 ? given : given.slice(0, end)
const options = given.slice(places.length)
if (places.length === 0 || places.some((place) => !existsSync(`src/${place}`))) {
  console.error('usage: npm run mutate -- <folder or file below src> …, such as: machine delivery')
  process.exit(2)
}
const mutate = places.map((place) => `src/${place}${place.endsWith('.ts') ? '' : '/**/*.ts'}`)
const env = { ...process.env, EVEROPEN_MUTATED: places.join() }
const { status } = spawnSync(
  'npx',
  ['--no-install', 'stryker', 'run', '--mutate', mutate.join(), ...options],
  { env, stdio: 'inherit' },
)
process.exitCode = status ?? 1
