import { describe, expect, test } from 'vitest'
import type { Input, State } from '../../src/machine/state.js'
import { transition } from '../../src/machine/transition.js'
import { inputsFor, walk } from './walk.js'

const ATTEMPTS = 10

describe('over the whole reachable state space', () => {
  const { states, edges, violations, arrows } = walk(transition, ATTEMPTS)

  test(`laws 1–4, 6, 7 and 10 hold on every edge (up to ${ATTEMPTS} attempts)`, () => {
    console.log(`walked ${states} states and ${edges} edges, up to ${ATTEMPTS} attempts`)
    expect(violations.slice(0, 20)).toEqual([])
    expect(states).toBeGreaterThan(1_000)
  })

  test('every kind of state is reached', () => {
    const kinds = new Set([...arrows].flatMap((arrow) => [arrow.split(' ')[0], arrow.split(' ')[2]]))
    expect([...kinds].sort()).toEqual([
      'closed',
      'closing→closed',
      'closing→redial',
      'closing→restart',
      'deciding',
      'dialing',
      'greeting',
      'idle',
      'open',
      'preparing',
      'waiting',
    ])
  })
})

/** Every state reached by up to `depth` inputs. */
function reach(depth: number): State[] {
  let frontier: State[] = [{ name: 'idle', id: 0 }]
  const all = new Map<string, State>()
  for (let i = 0; i < depth; i++) {
    frontier = frontier.flatMap((state) => inputsFor(state).map((input) => transition(state, input).state))
    frontier = frontier.filter((state) => !all.has(JSON.stringify(state)))
    for (const state of frontier) all.set(JSON.stringify(state), state)
  }
  return [...all.values()]
}

test('law 5: close() reaches closed from every state, with no more than the end of the handshake to wait for', () => {
  for (const state of reach(7)) {
    let at = transition(state, { type: 'close' }).state
    if (at.name === 'closing') {
      const end: Input = {
        type: 'ended',
        id: at.id,
        end: { by: 'user', code: 1006, reason: '', wasClean: false },
        verdict: { type: 'retry', delay: 1 },
        stable: false,
      }
      at = transition(at, end).state
    }
    expect(at.name).toBe('closed')
  }
})

test('law 7: a server that closes each connection N times sees N + 1, on one instance without limit', () => {
  let state: State = { name: 'idle', id: 0 }
  const told: string[] = []
  const feed = (input: Input) => {
    const step = transition(state, input)
    state = step.state
    told.push(
      ...step.effects.filter(({ type }) => type === 'open' || type === 'close').map(({ type }) => type),
    )
  }
  const N = 1_000
  for (let i = 0; i <= N; i++) {
    feed({ type: 'connect' })
    const { id } = state
    feed({ type: 'prepared', id, target: { url: 'ws://a/', protocols: undefined } })
    feed({ type: 'opened', id })
    if (i === N) break
    const end = { by: 'peer', code: 1000, reason: '', wasClean: true } as const
    feed({ type: 'ended', id, end, verdict: { type: 'stop', end }, stable: false })
  }
  expect(told.filter((type) => type === 'close')).toHaveLength(N)
  expect(told.filter((type) => type === 'open')).toHaveLength(N + 1)
})
