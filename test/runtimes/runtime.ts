/** What a runtime is to the suite, and what comes of running it there. */
import type { Env } from './server.js'

/** By the name of a case: null where it passed, else why not. */
export type Outcomes = Readonly<Record<string, string | null>>

export interface Runtime {
  /** As the table shows it, with its version. */
  readonly name: string
  /** What cannot be had there, by the name of its case, and why. It is tried all the same, and must fail. */
  readonly lacks: Readonly<Record<string, string>>
  /** Rows of its own, beside those of all. */
  readonly more?: readonly string[]
  run(env: Env): Promise<Outcomes>
}

/** A cell of the table. */
export type Cell =
  { readonly outcome: 'passed' } | { readonly outcome: 'not possible' | 'failed'; readonly reason: string }

export type Cells = Readonly<Record<string, Cell>>

/** Runs the suite on a runtime. One that cannot even be started has failed in all. */
export async function tried(
  { lacks, more = [], run }: Runtime,
  env: Env,
  rows: readonly string[],
): Promise<Cells> {
  let outcomes: Outcomes = {}
  let otherwise = 'it was not tried'
  try {
    outcomes = await run(env)
  } catch (error) {
    otherwise = (error as Error).message
  }
  const cell = (row: string): Cell => {
    const reason = outcomes[row] === undefined ? otherwise : outcomes[row]
    const lack = lacks[row]
    if (lack === undefined) return reason === null ? { outcome: 'passed' } : { outcome: 'failed', reason }
    return reason === null
      ? { outcome: 'failed', reason: `said not to be possible (${lack}), and it passed` }
      : { outcome: 'not possible', reason: lack }
  }
  return Object.fromEntries([...rows, ...more].map((row) => [row, cell(row)]))
}
