/** Every life in the world, up to a bound: each action that there is, in every state that can be reached. */
import { Broken } from './broken.js'
import type { Action, Protocol, Setting, WorldData } from './data.js'
import { World } from './world.js'

export interface Bounds {
  readonly sends: number
  readonly appends: number
  readonly connections: number
  readonly faults: number
}

export interface Walk {
  readonly states: number
  readonly edges: number
  /** What broke, and the way there. */
  readonly broken: string | undefined
}

interface Place {
  readonly world: World
  readonly left: Bounds
  readonly way: readonly Action[]
}

/**
 * Explores breadth first. From each state everything must arrive once nothing goes wrong any more: where the next step of
 * that is in the walk itself, it is seen there.
 */
export function walk(protocol: Protocol, setting: Setting, bounds: Bounds): Walk {
  const start = new World(protocol, setting)
  const seen = new Set([keyOf(start.data, bounds)])
  const queue: Place[] = [{ world: start, left: bounds, way: [] }]
  let edges = 0
  // by index, and let go: a queue that is shifted moves all the rest
  for (let i = 0; i < queue.length; i++) {
    const { world, left, way } = queue[i]!
    queue[i] = undefined!
    try {
      if (isEnd(world) || i % 16 === 0) world.copy().settle()
    } catch (error) {
      return { states: seen.size, edges, broken: told(error, way) }
    }
    for (const [action, after] of choices(world, left)) {
      edges++
      const next = world.copy()
      try {
        next.apply(action)
      } catch (error) {
        return { states: seen.size, edges, broken: told(error, [...way, action]) }
      }
      const key = keyOf(next.data, after)
      if (seen.has(key)) continue
      seen.add(key)
      queue.push({ world: next, left: after, way: [...way, action] })
    }
  }
  return { states: seen.size, edges, broken: undefined }
}

function isEnd(world: World): boolean {
  const [next] = world.healthy()
  return next === undefined || next.do === 'connect'
}

function* choices(world: World, left: Bounds): Generator<[Action, Bounds]> {
  for (const action of world.healthy()) {
    if (action.do !== 'connect') yield [action, left]
    else if (left.connections > 0) yield [action, { ...left, connections: left.connections - 1 }]
  }
  for (const action of world.uses()) {
    const what = action.do === 'send' ? 'sends' : 'appends'
    if (left[what] > 0) yield [action, { ...left, [what]: left[what] - 1 }]
  }
  if (left.faults > 0)
    for (const action of world.faults()) yield [action, { ...left, faults: left.faults - 1 }]
}

/** What tells two states apart: neither connections that are over, nor which of two equal nodes is which. */
function keyOf({ connections, ...data }: WorldData, left: Bounds): string {
  const open = connections.map((connection) =>
    connection.client === 'ended' && connection.server === 'ended' ? 0 : connection,
  )
  return JSON.stringify([data, open, left])
}

function told(error: unknown, way: readonly Action[]): string {
  const what = error instanceof Broken ? error.message : String((error as Error).stack)
  return `${what}\n${JSON.stringify(way)}`
}
