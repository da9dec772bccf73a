/**
 * `npm run test:types`: what users write, compiled by each TypeScript from the least to the newest, as a table, which is
 * also written into docs/where-it-runs.md.
 */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { makeHome } from '../consumers/home.js'
import { installed } from '../runtimes/cache.js'
import { type Cells, type Runtime, tried } from '../runtimes/runtime.js'
import { failures, print, publish, table } from '../runtimes/table.js'
import { TYPESCRIPT } from '../runtimes/versions.js'
import { heads, program, type Replaced } from './replacements.js'
import { codec, declared, imported, required, use } from './samples.js'

const node16 = { module: 'node16', moduleResolution: 'node16' }
const programs = {
  'import, node16': ['esm.mts', imported + use + codec, node16],
  'require, node16': ['cjs.cts', required + use + codec, node16],
  'import, bundler': ['app.ts', imported + use + codec, { module: 'esnext', moduleResolution: 'bundler' }],
  'exported without a type': ['declared.mts', declared, node16],
} as const

/** Compiled with each of these. */
const replaced = (Object.keys(heads) as Replaced[]).map(
  (name) => [`${name}.mts`, program(name, `everopen/${name}`, 'nothing')] as const,
)

/** Of the version that has each first. */
const since = (version: string, first: number, why: string, row: string): Runtime['lacks'] =>
  Number(/^\d+\.\d+/.exec(version)) < first ? { [row]: why } : {}

function compiler(version: string): Runtime {
  return {
    name: version,
    lacks: {
      ...since(version, 5, 'it came with 5.0', 'import, bundler'),
      ...since(
        version,
        5.4,
        'before 5.4, write the type: `(): ReconnectingSocket =>`',
        'exported without a type',
      ),
    },
    async run() {
      const tsc = path.join(await installed({ typescript: version }), 'node_modules/typescript/bin/tsc')
      const home = makeHome()
      const outcomes: Record<string, string | null> = {}
      try {
        for (const [file, text] of replaced) writeFileSync(path.join(home.dir, file), text)
        for (const [row, [file, text, resolution]] of Object.entries(programs)) {
          writeFileSync(path.join(home.dir, file), text)
          const compilerOptions = {
            ...resolution,
            target: 'es2022',
            lib: ['es2022'],
            types: [],
            strict: true,
            exactOptionalPropertyTypes: true,
            skipLibCheck: false,
            declaration: true,
            outDir: 'out',
          }
          writeFileSync(
            path.join(home.dir, 'tsconfig.json'),
            JSON.stringify({ compilerOptions, files: [file, ...replaced.map(([name]) => name)] }),
          )
          outcomes[row] = await promisify(execFile)(process.execPath, [tsc, '-p', '.'], {
            cwd: home.dir,
          }).then(
            () => null,
            ({ stdout, message }: Error & { stdout: string }) => (stdout || message).slice(0, 300),
          )
        }
      } finally {
        home.remove()
      }
      return outcomes
    },
  }
}

const nowhere = { ws: '', wss: '', proxy: '', ca: '' }
const byVersion: Record<string, Cells> = {}
for (const version of TYPESCRIPT) {
  process.stdout.write(`TypeScript ${version} … `)
  byVersion[version] = await tried(compiler(version), nowhere, Object.keys(programs))
  console.log('done')
}

const text = table('TypeScript', Object.keys(programs), byVersion)
await print(text)
await publish('types', text)
const failed = failures(byVersion)
console.log(`${TYPESCRIPT.length} versions, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
