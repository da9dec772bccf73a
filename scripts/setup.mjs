/** What a fresh clone lacks: its dependencies and its build. Each is made once, and again when its sources change. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Installs the dependencies unless those of this lockfile are there. */
export function ensureInstalled() {
  once(
    'node_modules/.everopen-installed',
    'node_modules',
    ['package-lock.json'],
    'Installing dependencies (once, about half a minute) …',
    () => run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'npm ci'),
  )
}

/** Builds the package unless the build of these sources is there. */
export function ensureBuilt() {
  const sources = ['package.json', 'package-lock.json', 'rollup.config.ts', 'tsconfig.json', 'src']
  once('node_modules/.everopen-built', 'dist', sources, 'Building (a few seconds) …', () =>
    run('npm', ['run', '--silent', 'build', '--', '--silent'], 'npm run build'),
  )
}

/** Does the work unless what it makes is there, and the stamp says that it was made of the same sources. */
function once(stamp, made, sources, say, work) {
  const file = path.join(root, stamp)
  const hash = hashOf(sources)
  if (existsSync(file) && readFileSync(file, 'utf8') === hash && existsSync(path.join(root, made))) return
  console.log(say)
  work()
  writeFileSync(file, hash)
}

function hashOf(sources) {
  const hash = createHash('sha256').update(process.version)
  const add = (name) => {
    const full = path.join(root, name)
    if (!name.includes('.') && existsSync(full))
      for (const entry of readdirSync(full).sort()) add(`${name}/${entry}`)
    else hash.update(name).update(readFileSync(full))
  }
  sources.forEach(add)
  return hash.digest('hex')
}

function run(command, args, what) {
  const shell = process.platform === 'win32'
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8', shell })
  if (status === 0) return
  console.error(
    `${stdout ?? ''}${stderr ?? ''}\n${what} failed; the lines above say why. Mend that, then run the same command again.`,
  )
  process.exit(1)
}
