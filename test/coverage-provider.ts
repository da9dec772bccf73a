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
  for (const [theirs, ours] of same(from.statementMap, to.statementMap)) to.s[ours]! += from.s[theirs]!
  for (const [theirs, ours] of same(located(from.fnMap), located(to.fnMap))) to.f[ours]! += from.f[theirs]!
  for (const [theirs, ours] of same(located(from.branchMap), located(to.branchMap)))
    to.b[ours] = to.b[ours]!.map((count, index) => count + (from.b[theirs]![index] ?? 0))
}

type Places = Readonly<Record<string, { readonly start: { readonly line: number; readonly column: number } }>>
type Place = readonly [column: number, key: string]
type Pair = readonly [theirs: string, ours: string]

const located = (things: Readonly<Record<string, { readonly loc: Places[string] }>>): Places =>
  Object.fromEntries(Object.entries(things).map(([key, { loc }]) => [key, loc]))

/**
 * The keys of the same places in both. The two builds differ in the column of some: what is left in a line is the same
 * in the same order, if as many are left.
 */
function same(from: Places, to: Places): Pair[] {
  const [theirs, ours] = [byLine(from), byLine(to)]
  return [...ours].flatMap(([line, places]) => {
    const given = theirs.get(line) ?? []
    const apart = (all: readonly Place[], others: readonly Place[]): Place[] =>
      all.filter(([column]) => !others.some(([other]) => other === column))
    const [left, right] = [apart(given, places), apart(places, given)]
    const equal = places.flatMap(([column, key]) =>
      given.filter(([other]) => other === column).map(([, other]): Pair => [other, key]),
    )
    if (left.length !== right.length) return equal
    return [...equal, ...right.map(([, key], index): Pair => [left[index]![1], key])]
  })
}

function byLine(places: Places): Map<number, readonly Place[]> {
  const lines = new Map<number, readonly Place[]>()
  for (const [key, { start }] of Object.entries(places))
    lines.set(
      start.line,
      [...(lines.get(start.line) ?? []), [start.column, key] as const].sort(([a], [b]) => a - b),
    )
  return lines
}
