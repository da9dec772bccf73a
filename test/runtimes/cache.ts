/** Packages beside the project's dependencies: each set is installed once, into a folder of its own. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Packages } from './versions.js'

const folder = fileURLToPath(new URL('../../node_modules/.cache/everopen/', import.meta.url))

/**
 * The folder with these packages in its `node_modules`. Scripts of packages are not run.
 * @throws Error with npm's own words where they cannot be installed.
 */
export function installed(packages: Packages): Promise<string> {
  const key = JSON.stringify(packages)
  // two that ask at once wait for the same
  const under = underway.get(key) ?? install(packages).finally(() => underway.delete(key))
  underway.set(key, under)
  return under
}

const underway = new Map<string, Promise<string>>()

async function install(packages: Packages): Promise<string> {
  const [first = ''] = Object.keys(packages)
  const key = createHash('sha256').update(JSON.stringify(packages)).digest('hex').slice(0, 8)
  const dir = path.join(folder, `${first.replace(/[@/]+/g, '-').replace(/^-/, '')}-${key}`)
  if (existsSync(dir)) return dir
  // whole or not at all, and no matter who else does the same
  const draft = `${dir}.${process.pid}`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { recursive: true })
  writeFileSync(path.join(draft, 'package.json'), JSON.stringify({ private: true, dependencies: packages }))
  try {
    const args = [
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--no-package-lock',
      '--loglevel=error',
    ]
    await promisify(execFile)('npm', args, { cwd: draft, shell: process.platform === 'win32' })
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string }
    // which registry npm was told to use is the reader's own business
    const words = (stderr || message).replace(/https?:\/\/[^\s/]+/g, '(registry)')
    rmSync(draft, { recursive: true, force: true })
    throw new Error(
      `${Object.entries(packages)
        .map((pair) => pair.join('@'))
        .join(' ')} cannot be installed:\n${words}`,
    )
  }
  if (existsSync(dir)) rmSync(draft, { recursive: true, force: true })
  else renameSync(draft, dir)
  return dir
}

/** A program that is a package of the cache. */
export async function program(packages: Packages, file: string): Promise<string> {
  const [name = ''] = Object.keys(packages)
  const dir = path.join(await installed(packages), 'node_modules', name)
  const suffix = process.platform === 'win32' ? '.exe' : ''
  return path.join(dir, `${file}${suffix}`)
}
