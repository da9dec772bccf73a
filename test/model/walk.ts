/** Walks every state that the machine can reach, with every input, and checks the laws on every edge. */
import type { Effect, End, Input, State, Step } from '../../src/machine/state.js'
import { expected, kindOf } from './expected.js'
import { applyEffects, emptyLedger, type Ledger, ownershipProblem } from './ledger.js'

export type Transition = (state: State, input: Input) => Step

export interface Walk {
  readonly states: number
  readonly edges: number
  readonly violations: readonly string[]
  /** Every distinct `from kind`, `input`, `to kind`. */
  readonly arrows: ReadonlySet<string>
}

interface Node {
  readonly state: State
  readonly ledger: Ledger
}

const peerEnd: End = { by: 'peer', code: 1001, reason: 'away', wasClean: true }
const finalEnd: End = { by: 'peer', code: 1008, reason: 'final', wasClean: true }

/** Every input that could reach a state: each type, each verdict, each attempt identity so far and the next. */
export function inputsFor(state: State): Input[] {
  const inputs: Input[] = [
    { type: 'connect' },
    { type: 'reconnect', code: 4000, reason: 'again' },
    { type: 'close', code: 1000, reason: 'done' },
    { type: 'terminate' },
    { type: 'wake' },
    { type: 'postpone', delay: 9 },
  ]
  for (let id = 0; id <= state.id + 1; id++) {
    inputs.push({ type: 'due', id }, { type: 'prepared', id, target: { url: 'ws://a/', protocols: ['p'] } })
    inputs.push({ type: 'connected', id }, { type: 'opened', id })
    for (const verdict of [
      { type: 'retry', delay: 7 },
      { type: 'stop', end: finalEnd },
    ] as const) {
      inputs.push({ type: 'decided', id, verdict })
      for (const stable of [true, false]) inputs.push({ type: 'ended', id, end: peerEnd, verdict, stable })
    }
    for (const stable of [true, false])
      inputs.push({ type: 'ended', id, end: peerEnd, verdict: { type: 'ask' }, stable })
  }
  return inputs
}

/** Explores breadth first, up to `attempts` attempt identities. */
export function walk(transition: Transition, attempts: number): Walk {
  const start: Node = { state: { name: 'idle', id: 0 }, ledger: emptyLedger }
  const seen = new Set([JSON.stringify(start)])
  const queue = [start]
  const violations: string[] = []
  const arrows = new Set<string>()
  let edges = 0
  for (const node of queue) {
    for (const input of inputsFor(node.state)) {
      edges++
      const result = follow(transition, node, input)
      if ('problem' in result) {
        violations.push(`${kindOf(node.state)} + ${describe(input)}: ${result.problem}`)
        continue
      }
      if (result.next.state !== node.state)
        arrows.add([kindOf(node.state), nameOf(input), kindOf(result.next.state)].join(' '))
      const key = JSON.stringify(result.next)
      if (seen.has(key) || result.next.state.id > attempts) continue
      seen.add(key)
      queue.push(result.next)
    }
  }
  return { states: seen.size, edges, violations, arrows }
}

/** One edge: the transition, and the `connect` that it may ask for at once. */
function follow(transition: Transition, from: Node, input: Input): { next: Node } | { problem: string } {
  const step = transition(from.state, input)
  const problem = expected(from.state, input, step)
  if (problem !== undefined) return { problem }
  const applied = applyEffects(from, input, step)
  if (typeof applied === 'string') return { problem: applied }
  const next: Node = { state: step.state, ledger: applied }
  const owned = ownershipProblem(next.state, next.ledger)
  if (owned !== undefined) return { problem: owned }
  const again = step.effects.some((effect: Effect) => effect.type === 'connect')
  return again ? follow(transition, next, { type: 'connect' }) : { next }
}

/** An input's type, with the verdict that matters. */
export function nameOf(input: Input): string {
  return 'verdict' in input ? `${input.type}:${input.verdict.type}` : input.type
}

function describe(input: Input): string {
  return nameOf(input) + ('id' in input ? `#${input.id}` : '')
}
