/** The package has none of its own where it is looked for. */
declare module '@bcoe/v8-coverage' {
  import type { Profiler } from 'node:inspector'

  /** What Node writes down of one process. */
  export interface ProcessCov {
    readonly result: readonly Profiler.ScriptCoverage[]
  }

  export function mergeProcessCovs(processes: readonly ProcessCov[]): ProcessCov
}
