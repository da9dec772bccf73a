/** Every state that a few tabs can reach together: no message twice, none out of order, never two connections for long. */
import { describe, expect, test } from 'vitest'
import * as machine from '../../src/tabs/member.js'
import { type Budget, nothing, walk } from './walk.js'

const budgets: Readonly<Record<string, Partial<Budget>>> = {
  'a message, and a page that is asleep': { sends: 1, freezes: 1, dials: 2 },
  'two messages, and a crash': { sends: 2, crashes: 1 },
  'a message, one of the server, and a cut': { sends: 1, says: 1, cuts: 1 },
  'a message, and a user that closes': { sends: 1, closed: 1 },
  'a message, a page that goes, and a crash': { sends: 1, hidden: 1, crashes: 1, dials: 2 },
  'a message, and a client that lets go': { sends: 1, abandoned: 1 },
  'two messages, and a word that comes twice': { sends: 2, twice: 1 },
  'two messages, and a word that never comes': { sends: 2, never: 1 },
  'two messages of the server, a word twice and one never': { says: 2, twice: 1, never: 1, dials: 2 },
}

describe('every law holds in every state that can be reached with', () => {
  for (const [name, budget] of Object.entries(budgets))
    test(name, { timeout: 120_000 }, () => {
      const { states, edges, violation } = walk(machine, { ...nothing, ...budget })
      console.log(`${name}: ${states} states, ${edges} edges`)
      expect(violation).toBeUndefined()
      expect(states).toBeGreaterThan(500)
    })
})
