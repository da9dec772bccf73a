/** A bundler, a framework or a runner of tests, and what comes of a project made with it. */
import type { Cell, Cells } from '../runtimes/runtime.js'
import type { Env } from '../runtimes/server.js'

/** What is looked at, in the order of the table. */
export const columns = ['builds', 'takes the right build', 'no ws in a client', 'runs'] as const
export type Column = (typeof columns)[number]

export interface Steps {
  /** Does one; what it throws is why it failed. After a failure the others are not tried. */
  step(column: Column, act: () => unknown): Promise<void>
}

export interface Tool {
  /** With its version. */
  readonly name: string
  run(env: Env, steps: Steps): Promise<void>
}

/** Its row; what does not apply to it, or was not reached, is empty. */
export async function rowOf(tool: Tool, env: Env): Promise<Cells> {
  const cells: Record<string, Cell> = {}
  const failed = (column: Column, error: unknown): void =>
    void (cells[column] = { outcome: 'failed', reason: `${tool.name}: ${(error as Error).message}` })
  let broken = false
  try {
    await tool.run(env, {
      async step(column, act) {
        if (broken) return
        try {
          await act()
          cells[column] = { outcome: 'passed' }
        } catch (error) {
          broken = true
          failed(column, error)
        }
      },
    })
  } catch (error) {
    failed('builds', error)
  }
  return cells
}
