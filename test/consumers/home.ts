/** A consumer's project: a temporary folder with everopen installed as `npm pack` makes it. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

export interface Home {
  readonly dir: string
  /** Files in the tarball. */
  readonly files: readonly string[]
  remove(): void
}

/** Packs the built package and installs it, with its dependencies taken from this project: no network is needed. */
export function makeHome(): Home {
  const dir = realpathSync(mkdtempSync(path.join(tmpdir(), 'everopen-consumer-')))
  const modules = path.join(dir, 'node_modules')
  mkdirSync(path.join(modules, 'everopen'), { recursive: true })
  const out = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', dir], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const packs = Object.values(
    JSON.parse(out) as Record<string, { filename: string; files: { path: string }[] }>,
  )
  const pack = packs[0]
  if (!pack) throw new Error('npm pack made nothing')
  execFileSync('tar', [
    '-xzf',
    path.join(dir, pack.filename),
    '-C',
    path.join(modules, 'everopen'),
    '--strip-components=1',
  ])
  for (const name of ['ws', 'isomorphic-ws', 'mitt'])
    symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name))
  return {
    dir,
    files: pack.files.map((file) => file.path),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}
