/** Bugs on purpose: a bundle of the sources with some of their text changed, to show that a test can find bugs. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type BuildOptions, type Plugin } from 'esbuild'
import { afterAll } from 'vitest'

/** What to change: the first place in the file that has the text `from`. */
export type Change = readonly [file: string, from: string, to: string]

export interface Ground extends Omit<BuildOptions, 'bundle' | 'entryPoints' | 'format' | 'write'> {
  /** The folder that the files of changes are named from, from the root of the project. */
  readonly src: string
  /** The module that is loaded, from the root of the project. */
  readonly entry: string
}

const root = fileURLToPath(new URL('../', import.meta.url))

/** The texts as changed, by file. Throws where a change finds no place: it plants nothing. */
function changed(src: string, changes: readonly Change[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const [file, from, to] of changes) {
    const full = path.join(root, src, file)
    const text = texts.get(full) ?? readFileSync(full, 'utf8')
    if (!text.includes(from)) throw new Error(`${file} has no: ${from}`)
    texts.set(
      full,
      text.replace(from, () => to),
    )
  }
  return texts
}

/** Runs what may break anywhere: what a planted bug leaves uncaught is no finding, and would fail the run of all tests. */
export async function ignoringUncaught<T>(run: () => Promise<T>): Promise<T> {
  const ignore = (): void => {}
  const heard = (['uncaughtException', 'unhandledRejection'] as const).map((event) => {
    const listeners = process.rawListeners(event) as (() => void)[]
    process.removeAllListeners(event).on(event, ignore)
    return { event, listeners }
  })
  try {
    return await run()
  } finally {
    // a rejection is told of at the end of a turn
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
    for (const { event, listeners } of heard) {
      process.off(event, ignore)
      for (const listener of listeners) process.on(event, listener)
    }
  }
}

/** Returns what loads the entry with some changes. To be called at the top of a test file, which cleans up at its end. */
export function plantIn<T>({
  src,
  entry,
  plugins = [],
  ...options
}: Ground): (name: string, changes: readonly Change[]) => Promise<T> {
  // within the project, where packages are found
  mkdirSync(path.join(root, '.cache'), { recursive: true })
  const dir = mkdtempSync(path.join(root, '.cache', 'planted-'))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))
  return async (name, changes) => {
    const texts = changed(src, changes)
    const plant: Plugin = {
      name: 'plant',
      setup: ({ onLoad }) =>
        onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
          const contents = texts.get(file)
          return contents === undefined ? undefined : { contents, loader: 'ts' }
        }),
    }
    const { outputFiles } = await build({
      platform: 'browser',
      ...options,
      entryPoints: [path.join(root, entry)],
      bundle: true,
      write: false,
      format: 'esm',
      plugins: [plant, ...plugins],
    })
    const file = path.join(dir, `${name.replace(/\W+/g, '-')}.mjs`)
    writeFileSync(file, outputFiles[0]?.contents ?? '')
    return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as T
  }
}
