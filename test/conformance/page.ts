/**
 * The scenarios for a page: bundle this file for browsers (iife, or esm as a module script) and call
 *
 *     await conformance.run('native', 'ws://127.0.0.1:1234')
 *     await conformance.run('face', 'ws://127.0.0.1:1234')
 *
 * Each answers with one entry for each scenario, in order. A third argument says which scenarios not to wait for, as they
 * never end on this engine. A transcript must be equal to `expected`, or to `also`,
 * where engines differ: the face tells what its engine told.
 */
import { ReconnectingWebSocket } from '../../src/websocket/websocket.js'
import { faceSetup, nativeSetup, play } from './scenario.js'
import { scenarios } from './scenarios.js'

export interface Played {
  readonly name: string
  readonly expected: unknown
  readonly also: unknown
  /** What the scenario returned, or `{ failed: message }` where it threw. */
  readonly transcript: unknown
}

/** How long a scenario gets that is known not to end. */
const soon = 1_500

async function run(
  which: 'face' | 'native',
  server: string,
  hanging: readonly string[] = [],
): Promise<Played[]> {
  const setup =
    which === 'face' ? faceSetup(ReconnectingWebSocket, server) : nativeSetup(globalThis.WebSocket, server)
  const played: Played[] = []
  for (const scenario of scenarios) {
    const { name, expected, also } = scenario
    const limit = hanging.includes(name) ? soon : undefined
    const transcript = await play(scenario, setup, limit).catch((error: unknown) => ({
      failed: String(error),
    }))
    played.push({ name, expected, also, transcript })
  }
  return played
}

const conformance = { run }
export type Conformance = typeof conformance
Object.assign(globalThis, { conformance })
