/** Bugs as people make them, planted in the protocol one at a time: the simulation sees each break a law. */
import { describe, expect, test } from 'vitest'
import { plantIn, type Change } from '../../planted.js'
import type { Protocol } from '../world/data.js'
import { protocol } from '../world/protocol.js'
import { simulate } from '../world/simulate.js'

const LIVES = 3_000

const bugs: Readonly<Record<string, readonly Change[]>> = {
  'the server acknowledges before the store has it': [
    ['incoming.ts', 'Math.min(seen, taken) > told', 'seen > told'],
    ['incoming.ts', 'told: Math.min(stream.seen, stream.taken)', 'told: stream.seen'],
  ],
  'what has not come on this connection is acknowledged': [
    ['incoming.ts', 'Math.min(seen, taken) > told', 'taken > told'],
    ['incoming.ts', 'told: Math.min(stream.seen, stream.taken)', 'told: stream.taken'],
  ],
  'a welcome counts what is only in hand': [
    ['server.ts', 'received: state.incoming.taken, resumed', 'received: state.incoming.given, resumed'],
  ],
  'a hello counts what is only in hand': [
    ['client.ts', 'received: incoming.told', 'received: incoming.given'],
  ],
  'what comes again after a resumption is given again': [
    ['incoming.ts', 'return seen < given\n', 'return false\n'],
  ],
  'a number is counted twice over a resumption': [
    ['incoming.ts', 'seen: taken, told: taken, toldAt', 'seen: stream.seen, told: taken, toldAt'],
  ],
  'the client counts anew at the welcome, not at its hello': [
    ['client.ts', 'outgoing: resume(state', 'incoming: rejoin(state.incoming), outgoing: resume(state'],
  ],
  'what was on its way is not sent again': [
    [
      'outgoing.ts',
      'return outgoing(received, at(received), stream.kept)',
      'return { ...stream, acked: received, ackedAt: at(received), sent: Math.max(received, stream.sent) }',
    ],
  ],
  'messages are transmitted before the store holds them': [
    [
      'client.ts',
      "sends: ({ phase }) => phase === 'live'",
      "sends: ({ phase }) => phase === 'live' || phase === 'naming'",
    ],
  ],
  'the name of a session is used before it is stored': [
    [
      'client.ts',
      "return state.name === 'stored' ? live(next, at, effects)",
      'return true ? live(next, at, effects)',
    ],
  ],
  'what the store says of an older session counts': [
    ['client.ts', '(generation !== state.generation', '(generation > state.generation'],
  ],
  'held messages go into a new session in silence': [
    ['client.ts', "state.session ? lose(state, 'expired', none)", "!state ? lose(state, 'expired', none)"],
  ],
  'a session that forgot what the client needs is resumed': [
    ['judge.ts', 'first <= record.taken + 1 && received >= record.acked && ', ''],
    [
      'judge.ts',
      "if (!session || !record) return 'renew'",
      "if (!session || !record) return 'renew'\n  return 'resume'",
    ],
  ],
  'a window that is never opened again': [
    [
      'side.ts',
      "return pump(next, at, [{ type: 'forget', number }])",
      "return { state: next, effects: [{ type: 'forget', number }] }",
    ],
  ],
  'a message larger than the window is never sent': [
    ['outgoing.ts', 'sentAt - ackedAt < window', 'at(sent + 1) - ackedAt <= window'],
  ],
  'a window is overdrawn': [['outgoing.ts', 'sentAt - ackedAt < window', 'sentAt - ackedAt < 2 * window']],
  'the window is counted in messages': [
    ['outgoing.ts', 'sentAt - ackedAt < window', 'sent - stream.acked < window'],
  ],
  'nothing is acknowledged but what is much': [
    ['acknowledge.ts', 'isUntold(now) && !isUntold(before) ? later : undefined', 'undefined'],
  ],
  'what is acknowledged stays untold': [
    ['incoming.ts', 'told: Math.min(stream.seen, stream.taken), toldAt', 'told: stream.told, toldAt'],
  ],
  'an escape is forgotten': [['wire.ts', 'isMarked(text) ? MARK + text : text', 'text']],
  'an escape stays': [['wire.ts', 'isMarked(text) ? text.slice(1) : text', 'text']],
  'a superseded connection goes on': [
    ['server.ts', "if (isAttached(state)) effects.unshift({ type: 'supersede' })", ''],
  ],
  'a token is not looked at': [['judge.ts', '!equal(session.token, record.token) || ', '']],
  'an identity is not looked at': [['judge.ts', ' || record.identity !== identity', '']],
  'a session that was lost keeps its numbers': [
    [
      'client.ts',
      'clientState(undefined, 0, 0, 0, 0, state.generation + 1)',
      '{ ...state, session: undefined, phase: "offline" as const }',
    ],
  ],
  'one lost message too few is reported': [
    ['client.ts', 'const from = state.outgoing.acked + 1\n', 'const from = state.outgoing.sent + 1\n'],
  ],
  'a session expires under a connection': [
    [
      'server.ts',
      "return state.phase === 'detached' ? gone(state, [{ type: 'delete' }]) : stay(state)",
      "return gone(state, [{ type: 'delete' }])",
    ],
  ],
}

const load = plantIn<{ protocol: Protocol }>({
  src: 'src/session/protocol',
  entry: 'test/session/world/protocol.ts',
})

/** The first life in which a law is broken. Always the same lives, so that this test says the same each time. */
function hunt(planted: Protocol, fencing = true): string | undefined {
  for (let seed = 1; seed <= LIVES; seed++) {
    const { broken } = simulate(planted, seed, 200, fencing)
    if (broken !== undefined) return `seed ${seed}: ${broken.split('\n')[0]}`
  }
  return undefined
}

describe('planted bugs are caught', () => {
  for (const [name, changes] of Object.entries(bugs))
    test(name, async () => {
      const finding = hunt((await load(name, changes)).protocol)
      console.log(`${name} — ${finding}`)
      expect(finding).toBeDefined()
    })

  test('a stale owner that writes, where the store checks no epoch', () => {
    const finding = hunt(protocol, false)
    console.log(`a stale owner that writes — ${finding}`)
    expect(finding).toBeDefined()
  })
})
