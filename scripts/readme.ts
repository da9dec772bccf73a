/**
 * `npm run readme`: writes the version, the size and the integrity of the script-tag build into the README, where a test
 * compares them.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const file = (name: string): URL => new URL(`../${name}`, import.meta.url)

/** The README with what it says of the build of `dist`. */
export function withBuild(readme: string): string {
  const script = readFileSync(file('dist/everopen.min.js'))
  const { version } = JSON.parse(readFileSync(file('package.json'), 'utf8')) as { version: string }
  const size = (gzipSync(script, { level: 9 }).length / 1000).toFixed(1)
  const integrity = createHash('sha384').update(script).digest('base64')
  return readme
    .replace(/everopen@[\d.]+\//, `everopen@${version}/`)
    .replace(/integrity="[^"]*"/, `integrity="sha384-${integrity}"`)
    .replace(/by script tag\*\* \([\d.]+ kB compressed/, `by script tag** (${size} kB compressed`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const readme = file('README.md')
  writeFileSync(readme, withBuild(readFileSync(readme, 'utf8')))
}
