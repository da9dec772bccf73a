/** Looks for a script that breaks a law: what shows that the simulation finds a planted bug. */
import fc from 'fast-check'
import { ignoringUncaught } from '../planted.js'
import { Broken } from './laws.js'
import type { Script } from './script.js'
import { simulate, type Subject } from './simulate.js'

/** Runs until a law is broken. Always with the same scripts, so that a test says the same each time. */
export async function hunt(
  subject: Subject,
  scripts: fc.Arbitrary<Script>,
  runs: number,
): Promise<string | undefined> {
  let finding: string | undefined
  const look = fc.asyncProperty(scripts, async (one) => {
    try {
      await simulate(subject, one)
    } catch (error) {
      // what throws otherwise breaks no law: it may be that nothing works at all
      if (!(error instanceof Broken)) return
      finding = error.message
      throw error
    }
  })
  await ignoringUncaught(() => fc.check(look, { seed: 20_261, numRuns: runs, endOnFailure: true }))
  return finding
}
