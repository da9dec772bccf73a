/** What a fresh clone lacks: its dependencies and its build. Each is made once, and again when its sources change. */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const defaultRoot = fileURLToPath(new URL('..', import.meta.url))
const installStamp = 'node_modules/.everopen-installed'
// not in `dist`, all of which is published
const buildStamp = 'node_modules/.everopen-built'
const buildSources = [
  'package.json',
  'package-lock.json',
  'rollup.config.ts',
  'tsconfig.json',
  'src',
  'docs/command.md',
  'scripts/man.mjs',
  'scripts/production.ts',
  'scripts/third-party.ts',
]

/** Installs the dependencies unless those of this lockfile are there. Ends the process where that fails. */
export async function ensureInstalled(root = defaultRoot) {
  const stamp = path.join(root, installStamp)
  const wanted = hashOf(root, ['package-lock.json'])
  if (read(stamp) === wanted) return
  // whoever ran `npm ci` by hand need not wait for it again
  if (!installedMatches(root))
    await run(root, 'Installing the dependencies', 'npm', [
      'ci',
      // of their scripts only one is needed, and that takes longest: `ensureCompiled`
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ])
  writeFileSync(stamp, wanted)
}

/**
 * Fetches or compiles the one dependency that is not all JavaScript: better-sqlite3, which tests of stores in files need.
 * Ends the process where that fails.
 */
export async function ensureCompiled(root = defaultRoot) {
  const opens = "new (require('better-sqlite3'))(':memory:')"
  if (spawnSync(process.execPath, ['-e', opens], { cwd: root, stdio: 'ignore' }).status === 0) return
  await run(root, 'Compiling better-sqlite3', 'npm', ['rebuild', 'better-sqlite3', '--loglevel=error'])
}

/** Builds the package unless `dist` is the build of the present sources. Ends the process where that fails. */
export async function ensureBuilt(root = defaultRoot) {
  const stamp = path.join(root, buildStamp)
  const sources = hashOf(root, buildSources)
  // the second hash notices a build that was made, changed or removed by hand since
  if (read(stamp) === `${sources} ${hashOf(root, ['dist'])}`) return
  await run(root, 'Building the package', 'npm', ['run', '--silent', 'build', '--', '--silent'])
  writeFileSync(stamp, `${sources} ${hashOf(root, ['dist'])}`)
}

/** Whether what npm noted of its last install is what the lockfile asks for, packages for other platforms aside. */
function installedMatches(root) {
  const packagesOf = (file) => JSON.parse(read(path.join(root, file)) ?? '{}').packages ?? {}
  const present = packagesOf('node_modules/.package-lock.json')
  const names = Object.entries(packagesOf('package-lock.json')).filter(([name]) => name !== '')
  return names.every(([name, { version, integrity, optional }]) => {
    const found = present[name]
    if (!found) return optional === true
    return found.version === version && found.integrity === integrity && existsSync(path.join(root, name))
  })
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

/** One hash of files and whole folders. What is not there counts as empty. */
function hashOf(root, names) {
  const hash = createHash('sha256')
  const add = (name) => {
    const full = path.join(root, name)
    if (!existsSync(full)) return
    if (statSync(full).isDirectory()) for (const entry of readdirSync(full).sort()) add(`${name}/${entry}`)
    else hash.update(`${name}\0${statSync(full).size}\0`).update(readFileSync(full))
  }
  names.forEach(add)
  return hash.digest('hex')
}

/** Runs a command quietly, says that it goes on, and shows its output only where it fails. */
async function run(root, doing, command, args) {
  const started = Date.now()
  const seconds = () => `${((Date.now() - started) / 1_000).toFixed(0)} s`
  const tty = process.stdout.isTTY
  const say = (text) => process.stdout.write(tty ? `\r${text}` : `${text}\n`)
  say(`${doing} …`)
  const progress = setInterval(() => say(`${doing} … ${seconds()}`), tty ? 1_000 : 15_000)
  let output = ''
  // npm is a script on Windows, which only a shell can start
  const child = spawn(command, args, { cwd: root, shell: process.platform === 'win32' })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  const failed = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (status, signal) => resolve(status === 0 ? undefined : `status ${status ?? signal}`))
  })
  clearInterval(progress)
  if (failed === undefined) return say(`${doing} … done in ${seconds()}${tty ? '\n' : ''}`)
  // which registry npm was told to use is the reader's own business
  console.error(`\n${output.replace(/https?:\/\/[^\s/]+/g, '(registry)').trimEnd()}\n`)
  console.error(`${doing} failed (${command} ${args[0]}: ${failed}). ${advice(args[0], output)}`)
  process.exit(1)
}

function advice(command, output) {
  if (command === 'rebuild')
    return 'It needs Python, make and a C++ compiler: install them, then run the same command again.'
  if (command !== 'ci') return 'The lines above say where. Mend that, then run the same command again.'
  if (/EBADENGINE|Unsupported engine/.test(output)) return 'Install Node 20 or newer, then run it again.'
  if (/ENOTFOUND|ETIMEDOUT|ECONNREFUSED|ECONNRESET|EAI_AGAIN/.test(output))
    return 'npm cannot reach its registry: check the network and proxy settings, then run it again.'
  if (/EACCES|EPERM|ENOSPC/.test(output))
    return 'Check that this folder is writable and the disk has room, then run it again.'
  return 'The lines above say why. Mend that, then run the same command again.'
}
