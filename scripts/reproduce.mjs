/**
 * `npm run reproduce`: builds the present commit twice, from two clean copies in folders of different names, and compares
 * every byte. Ends with status 1 where a file differs.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The hash of each file of a build of `HEAD`, by its name. */
export function build(name) {
  const dir = mkdtempSync(path.join(tmpdir(), `everopen-${name}-`))
  try {
    const archive = execFileSync('git', ['archive', 'HEAD'], { cwd: root, maxBuffer: 2 ** 30 })
    execFileSync('tar', ['-x', '-C', dir], { input: archive })
    symlinkSync(path.join(root, 'node_modules'), path.join(dir, 'node_modules'))
    // another time zone and language, too
    const env = { ...process.env, TZ: name === 'one' ? 'UTC' : 'Pacific/Auckland', LC_ALL: 'C' }
    execFileSync('npm', ['run', '--silent', 'build', '--', '--silent'], {
      cwd: dir,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
      shell: process.platform === 'win32',
    })
    return hashes(path.join(dir, 'dist'))
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** The SHA-256 of each file below a folder, by its path. */
export function hashes(dir) {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const named = files.map((entry) =>
    path.relative(dir, path.join(entry.parentPath ?? entry.path, entry.name)),
  )
  return Object.fromEntries(
    named.sort().map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(path.join(dir, name)))
        .digest('hex'),
    ]),
  )
}

/** The names of the files in which two builds differ. */
export function differences(one, other) {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (name) => one[name] !== other[name],
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [one, other] = [build('one'), build('another')]
  const differ = differences(one, other)
  for (const name of differ) console.log(`differs: ${name}`)
  console.log(`${Object.keys(one).length} files, ${differ.length} differ`)
  process.exitCode = differ.length > 0 || Object.keys(one).length === 0 ? 1 : 0
}
