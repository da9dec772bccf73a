/** Laws 1 to 6 of sessions, in every state that the world can reach within a bound, and liveness from each. */
import { expect, test } from 'vitest'
import { protocol } from '../world/protocol.js'
import { walk } from '../world/walk.js'

test.each([
  [
    'one node, a client whose store survives',
    { durable: true, windows: [4], fencing: true },
    { sends: 1, appends: 1, connections: 2, faults: 1 },
  ],
  [
    'two nodes, a client that forgets',
    { durable: false, windows: [4, 2], fencing: true },
    { sends: 1, appends: 1, connections: 2, faults: 1 },
  ],
  [
    'three connections, and messages one way',
    { durable: false, windows: [1], fencing: true },
    { sends: 2, appends: 0, connections: 3, faults: 2 },
  ],
])(
  'the laws hold in every state: %s',
  (_what, setting, bounds) => {
    const { states, edges, broken } = walk(protocol, setting, bounds)
    console.log(`walked ${states} states and ${edges} edges of sessions`)
    expect(broken).toBeUndefined()
    expect(states).toBeGreaterThan(500)
  },
  120_000,
)
