/** Random life in the world: the same seed, the same life. */
import { seeded } from '../../simulation/clock.js'
import { Broken } from './broken.js'
import type { Action, Protocol, Setting } from './data.js'
import { World } from './world.js'

export interface Life {
  readonly steps: number
  readonly trace: readonly Action[]
  /** The law that was broken, and at which step. */
  readonly broken: string | undefined
}

export function settingOf(seed: number, fencing = true): Setting {
  const random = seeded(seed)
  const windows = Array.from({ length: 1 + Math.floor(random() * 3) }, () => 1 + Math.floor(random() * 30))
  return { durable: random() < 0.6, windows, fencing }
}

/** @param faults Of 100 actions, how many are faults, more or less. */
export function simulate(protocol: Protocol, seed: number, steps: number, fencing = true): Life {
  const random = seeded(seed ^ 0x5e55_1011)
  const world = new World(protocol, settingOf(seed, fencing))
  const trace: Action[] = []
  const faults = random() * 0.2
  const uses = 0.1 + random() * 0.4
  const pick = (actions: Action[]): Action | undefined => actions[Math.floor(random() * actions.length)]
  try {
    for (let step = 0; step < steps; step++) {
      const dice = random()
      const actions = dice < faults ? world.faults() : dice < faults + uses ? world.uses() : world.healthy()
      const action = pick(actions)
      if (!action) continue
      trace.push(action)
      world.apply(action)
    }
    world.settle()
  } catch (error) {
    // a bug may break more than a law
    const broken = error instanceof Broken ? error.message : String((error as Error).stack)
    return { steps: trace.length, trace, broken }
  }
  return { steps: trace.length, trace, broken: undefined }
}
