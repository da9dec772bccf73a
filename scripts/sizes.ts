/**
 * `npm run sizes`: what the package adds to a page, by entry: bundled and minified by esbuild, as installed.
 * Prints the table of docs/sizes.md; with `--write`, writes it there.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
export const page = `${root}docs/sizes.md`

/** Something that an application may import. */
interface Import {
  readonly code: string
  /** What the application has anyway: only the difference counts. */
  readonly over?: string
  /** For Node alone: its packages are not counted. */
  readonly node?: true
  /** The most that it may add in the `production` condition, in bytes after gzip. */
  readonly budget: number
}

const socket = `import { ReconnectingSocket } from 'everopen'`

/** Each with its budget. A figure above it is a defect; one far below it is a budget to lower. */
export const imports: readonly Import[] = [
  { code: socket, budget: 15_240 },
  { code: `import { ReconnectingWebSocket } from 'everopen'`, budget: 19_060 },
  { code: `import * as everopen from 'everopen'`, budget: 19_890 },
  { code: `import { SessionSocket } from 'everopen/session'`, over: socket, budget: 5_230 },
  { code: `import { SessionSocket, indexedDb } from 'everopen/session'`, over: socket, budget: 7_400 },
  { code: `import * as tabs from 'everopen/tabs'`, over: socket, budget: 5_380 },
  { code: `import * as react from 'everopen/react'`, over: socket, budget: 1_270 },
  { code: `import * as testing from 'everopen/testing'`, over: socket, budget: 3_440 },
  { code: `import * as vue from 'everopen/vue'`, over: socket, budget: 1_220 },
  { code: `import * as peer from 'everopen/reconnecting-websocket'`, over: socket, budget: 2_300 },
  { code: `import * as peer from 'everopen/partysocket'`, over: socket, budget: 3_700 },
  { code: `import * as server from 'everopen/server'`, node: true, budget: 14_620 },
  { code: `import * as redis from 'everopen/server/redis'`, node: true, budget: 6_050 },
  { code: `import * as store from 'everopen/session/file'`, node: true, budget: 3_900 },
  { code: `import * as proxy from 'everopen/proxy'`, node: true, budget: 6_410 },
]

export interface Bytes {
  readonly min: number
  readonly gzip: number
  readonly brotli: number
}

export interface Size {
  readonly import: Import
  /** Without a condition: with all sentences. */
  readonly plain: Bytes
  readonly production: Bytes
}

export async function measure(): Promise<readonly Size[]> {
  return Promise.all(
    imports.map(async (given) => ({
      import: given,
      plain: await bytesOf(given, []),
      production: await bytesOf(given, ['production']),
    })),
  )
}

async function bytesOf({ code, over, node }: Import, conditions: string[]): Promise<Bytes> {
  const platform = node ? 'node' : 'browser'
  const all = await bundle(over === undefined ? code : `${over}\n${code}`, conditions, platform)
  if (over === undefined) return all
  const base = await bundle(over, conditions, platform)
  return { min: all.min - base.min, gzip: all.gzip - base.gzip, brotli: all.brotli - base.brotli }
}

async function bundle(code: string, conditions: string[], platform: 'browser' | 'node'): Promise<Bytes> {
  const { outputFiles } = await build({
    stdin: { contents: code.replaceAll('import', 'export'), resolveDir: root },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform,
    conditions,
    external: [
      ...['react', 'vue'],
      ...(platform === 'node' ? ['ws', 'redis', 'better-sqlite3', 'socks'] : []),
    ],
    // whole chunks of which nothing is used
    logLevel: 'error',
  })
  const { contents } = outputFiles[0]!
  return {
    min: contents.length,
    gzip: gzipSync(contents, { level: 9 }).length,
    brotli: brotliCompressSync(contents).length,
  }
}

const kB = (bytes: number): string => (bytes / 1_000).toFixed(1)

/** The rows of docs/sizes.md. */
export function table(sizes: readonly Size[]): string {
  const head = ['what is imported', 'minified', 'gzip', 'brotli', 'gzip, without the condition', 'budget']
  const rows = sizes.map(({ import: { code, over, node, budget }, plain, production }) => [
    `\`${code}\`${over === undefined ? '' : ', over `ReconnectingSocket`'}${node ? ', in Node' : ''}`,
    kB(production.min),
    kB(production.gzip),
    kB(production.brotli),
    kB(plain.gzip),
    kB(budget),
  ])
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join(' | ')} |`
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

/** The table in a page, between its two marks. */
export const tableIn = /(?<=<!-- sizes -->\n\n)[^]*?(?=\n\n<!-- \/sizes -->)/

if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  const written = table(await measure())
  console.log(written)
  if (process.argv.includes('--write'))
    writeFileSync(
      page,
      readFileSync(page, 'utf8').replace(tableIn, () => written),
    )
}
