/** What the walk of test/model does not look at: that it is pure, and that nothing out of place changes anything. */
import { describe, expect, test } from 'vitest'
import type { End, Input, State } from '../../src/machine/state.js'
import { transition } from '../../src/machine/transition.js'

const end: End = Object.freeze({ by: 'network', code: 1006, reason: '', wasClean: false })
const run = { id: 7, retries: 2, opens: 1 }
const verdict = { type: 'retry', delay: 5 } as const

const states: Record<string, State> = {
  idle: { name: 'idle', id: 7 },
  waiting: { name: 'connecting', phase: 'waiting', ...run },
  preparing: { name: 'connecting', phase: 'preparing', ...run },
  dialing: { name: 'connecting', phase: 'dialing', ...run },
  greeting: { name: 'connecting', phase: 'greeting', ...run },
  deciding: { name: 'connecting', phase: 'deciding', ...run, end, owed: 'error' },
  open: { name: 'open', ...run },
  closing: { name: 'closing', next: 'closed', ...run },
  redialing: { name: 'closing', next: 'redial', ...run },
  restarting: { name: 'closing', next: 'restart', ...run },
  closed: { name: 'closed', id: 7, end },
}

const inputs = (id: number): Input[] => [
  { type: 'connect' },
  { type: 'reconnect', code: 3_000 },
  { type: 'close' },
  { type: 'terminate' },
  { type: 'wake' },
  { type: 'postpone', delay: 9 },
  { type: 'due', id },
  { type: 'prepared', id, target: { url: 'ws://a.test/', protocols: undefined } },
  { type: 'connected', id },
  { type: 'opened', id },
  { type: 'ended', id, end, verdict, stable: false },
  { type: 'ended', id, end, verdict: { type: 'ask' }, stable: true },
  { type: 'decided', id, verdict },
]

/** Which inputs mean something to a state; all others leave it as it is. */
const meant: Record<string, readonly Input['type'][]> = {
  idle: ['connect', 'reconnect', 'close', 'terminate'],
  waiting: ['reconnect', 'close', 'terminate', 'wake', 'postpone', 'due'],
  preparing: ['reconnect', 'close', 'terminate', 'prepared', 'ended'],
  dialing: ['reconnect', 'close', 'terminate', 'connected', 'opened', 'ended'],
  greeting: ['reconnect', 'close', 'terminate', 'opened', 'ended'],
  deciding: ['reconnect', 'close', 'terminate', 'decided'],
  open: ['reconnect', 'close', 'terminate', 'ended'],
  closing: ['connect', 'reconnect', 'terminate', 'ended'],
  redialing: ['close', 'terminate', 'ended'],
  restarting: ['reconnect', 'close', 'terminate', 'ended'],
  closed: ['connect', 'reconnect'],
}

describe.each(Object.entries(states))('%s', (name, state) => {
  test('is left alone by what means nothing to it, as the same object and without effects', () => {
    for (const input of inputs(7)) {
      const step = transition(state, input)
      const changed = step.state !== state || step.effects.length > 0
      expect([input.type, changed]).toEqual([input.type, meant[name]!.includes(input.type)])
    }
  })

  test('is left alone by every input of another attempt', () => {
    for (const id of [6, 8])
      for (const input of inputs(id))
        if ('id' in input) expect(transition(state, input)).toEqual({ state, effects: [] })
  })

  test('gives the same step each time, and is not written to', () => {
    Object.freeze(state)
    for (const input of inputs(7)) {
      Object.freeze(input)
      expect(transition(state, input)).toEqual(transition(state, input))
    }
  })
})
