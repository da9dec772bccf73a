/**
 * Vitest's coverage of the sources, and in it what the command covers as a process: Node writes down what ran in each
 * child that it is told to, and what this process ran of `src/cli` is added by where in the sources it is.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { mergeProcessCovs, type ProcessCov } from '@bcoe/v8-coverage'
import { V8CoverageProvider } from '@vitest/coverage-v8/dist/provider.js'
import convert from 'ast-v8-to-istanbul'
import { build } from 'esbuild'
import { parseAstAsync } from 'vitest/node'

type Mapped = Awaited<ReturnType<V8CoverageProvider['generateCoverage']>>
type File = ReturnType<Mapped['fileCoverageFor']>['data']

const root = fileURLToPath(new URL('../', import.meta.url))
const sources = path.join(root, 'src/cli/')
/** One level below the root, as `dist` is. */
const program = path.join(root, '.cache/cli.js')
const reports = path.join(root, '.cache/processes')

export class Provider extends V8CoverageProvider {
  override initialize(...given: Parameters<V8CoverageProvider['initialize']>): void {
    super.initialize(...given)
    // to the processes of the tests, which start the command: test/cli/command.ts
    Object.assign(process.env, { EVEROPEN_PROGRAM: program, EVEROPEN_COVERAGE: reports })
  }

  override async clean(clean?: boolean): Promise<void> {
    await super.clean(clean)
    rmSync(reports, { recursive: true, force: true })
    mkdirSync(reports, { recursive: true })
    await bundle()
  }

  override async generateCoverage(
    ...given: Parameters<V8CoverageProvider['generateCoverage']>
  ): Promise<Mapped> {
    const all = await super.generateCoverage(...given)
    const processes = await this.#processes()
    for (const file of processes.files()) {
      const { data } = processes.fileCoverageFor(file)
      if (all.files().includes(file)) add(all.fileCoverageFor(file).data, data)
      all.filter((name) => name !== file)
      all.merge({ [file]: data })
    }
    return all
  }

  /** What all of them ran, by the files of the sources. */
  async #processes(): Promise<Mapped> {
    const read = readdirSync(reports).map(
      (name) => JSON.parse(readFileSync(path.join(reports, name), 'utf8')) as ProcessCov,
    )
    const url = pathToFileURL(program).href
    const ours = read.map(({ result }) => ({ result: result.filter((script) => script.url === url) }))
    const functions = [...(mergeProcessCovs(ours).result[0]?.functions ?? [])]
    const sourceMap = JSON.parse(readFileSync(`${program}.map`, 'utf8')) as never
    const code = readFileSync(program, 'utf8')
    const ast = await parseAstAsync(code)
    const mapped = this.createCoverageMap()
    mapped.merge(await convert({ code, ast, sourceMap, coverage: { url, functions } }))
    mapped.filter((file) => file.startsWith(sources))
    return mapped
  }
}

/** The command as it is built, but for names and lines that can be told apart. */
async function bundle(): Promise<void> {
  await build({
    entryPoints: [path.join(sources, 'main.ts')],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    packages: 'external',
    plugins: [
      {
        name: 'package',
        setup: ({ onResolve }) =>
          onResolve({ filter: /^\.\.\/(index|diagnostics\/errors)\.js$/ }, () => ({
            path: '../dist/node/index.js',
            external: true,
          })),
      },
    ],
  })
}

/** Counts into `to` what `from` has counted of the same places. */
function add(from: File, to: File): void {
  const at = ({ start }: { start: { line: number; column: number } }): string =>
    `${start.line}:${start.column}`
  const statements = new Map(Object.entries(from.statementMap).map(([key, loc]) => [at(loc), from.s[key]!]))
  for (const [key, loc] of Object.entries(to.statementMap)) to.s[key]! += statements.get(at(loc)) ?? 0
  const functions = new Map(Object.entries(from.fnMap).map(([key, { loc }]) => [at(loc), from.f[key]!]))
  for (const [key, { loc }] of Object.entries(to.fnMap)) to.f[key]! += functions.get(at(loc)) ?? 0
  const branches = new Map(Object.entries(from.branchMap).map(([key, { loc }]) => [at(loc), from.b[key]!]))
  for (const [key, { loc }] of Object.entries(to.branchMap))
    to.b[key] = to.b[key]!.map((count, index) => count + (branches.get(at(loc))?.[index] ?? 0))
}
