/** One file out of a script and all that it imports, so that a process or thread of its own starts quickly. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

export interface Bundle {
  readonly file: string
  remove(): Promise<void>
}

/** Bundles a script, by its path from this folder. */
export async function bundle(name: string): Promise<Bundle> {
  const folder = await mkdtemp(path.join(tmpdir(), 'everopen-'))
  const file = path.join(folder, 'script.cjs')
  await build({
    entryPoints: [fileURLToPath(new URL(name, import.meta.url))],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20',
    // a CommonJS module has none; and packages are found from here
    define: { 'import.meta.url': JSON.stringify(import.meta.url) },
    logLevel: 'error',
  })
  return { file, remove: () => rm(folder, { recursive: true }) }
}
