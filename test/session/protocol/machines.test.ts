/** What the world never does: peers that break a rule, and inputs that come too late. */
import { describe, expect, test } from 'vitest'
import {
  type ClientInput,
  type ClientState,
  clientState,
  clientTransition,
} from '../../../src/session/protocol/client.js'
import { judge } from '../../../src/session/protocol/judge.js'
import {
  type ServerInput,
  type ServerState,
  serverState,
  serverTransition,
} from '../../../src/session/protocol/server.js'
import type { Hello } from '../../../src/session/protocol/wire.js'

const at = (number: number): number => number * 10
const session = { id: 'i', token: 't' }
const welcome = {
  type: 'welcome',
  session,
  received: 0,
  resumed: false,
  ttl: 1,
  window: 25,
} as const satisfies ClientInput

function client(state: ClientState, ...inputs: ClientInput[]): ReturnType<typeof clientTransition> {
  let step: ReturnType<typeof clientTransition> = { state, effects: [] }
  for (const input of inputs) step = clientTransition(step.state, input, at)
  return step
}
function server(state: ServerState, ...inputs: ServerInput[]): ReturnType<typeof serverTransition> {
  let step: ReturnType<typeof serverTransition> = { state, effects: [] }
  for (const input of inputs) step = serverTransition(step.state, input, at)
  return step
}

const connected = { type: 'connected' } as const
const live = client(clientState(session, 3, 2, 20, 4), connected, {
  ...welcome,
  received: 2,
  resumed: true,
}).state
const attached = server(serverState(25, 3, 2, 20, 4), { type: 'attach', resumed: true, received: 2 }).state

describe('a client', () => {
  const greeting = client(clientState(session, 3, 2, 20, 4), connected).state
  const acknowledge3 = { type: 'acknowledge', number: 3 } as const

  test.each<[string, ClientState, ClientInput]>([
    ['a message before the welcome', greeting, { type: 'payload', size: 1 }],
    ['an acknowledgement before the welcome', greeting, acknowledge3],
    [
      'an acknowledgement before the next welcome',
      client(live, { type: 'disconnected' }, connected).state,
      acknowledge3,
    ],
    ['a second welcome', live, welcome],
    ['a hello', live, { type: 'hello', session: undefined, received: 0, first: 1 }],
    ['a bye', live, { type: 'bye' }],
    ['what says nothing', live, { type: 'malformed', problem: 'no JSON' }],
    ['an acknowledgement of nothing new', live, { type: 'acknowledge', number: 2 }],
    ['an acknowledgement of what was not sent', live, { type: 'acknowledge', number: 5 }],
    [
      'a welcome back to another session',
      greeting,
      { ...welcome, session: { id: 'j', token: 't' }, resumed: true },
    ],
    ['a welcome back that takes back', greeting, { ...welcome, received: 1, resumed: true }],
    ['a new session that has received something', greeting, { ...welcome, received: 1 }],
  ])('is done with a connection that brings %s, and keeps its session', (_what, state, input) => {
    const { state: next, effects } = client(state, input)
    expect(effects).toEqual([{ type: 'violation', problem: expect.any(String) as string }])
    expect(next).toMatchObject({ phase: 'offline', session, outgoing: { acked: 2, kept: 4 } })
    // more of that connection may be on its way
    expect(client(next, input)).toEqual({ state: next, effects: [] })
  })

  test('is done with a server that overdraws the window', () => {
    const step = client(live, { type: 'payload', size: 25 }, { type: 'payload', size: 1 })
    expect(step.effects).toEqual([{ type: 'violation', problem: 'a message beyond the window' }])
  })

  test('reports what it holds where the server has more than it knows of', () => {
    const { state, effects } = client(greeting, { ...welcome, received: 5, resumed: true })
    expect(effects).toEqual([
      { type: 'lost', reason: 'store', from: 3 },
      { type: 'violation', problem: expect.any(String) as string },
    ])
    expect(state).toEqual({ ...clientState(), generation: 1 })
  })

  test('takes nothing from its store that is of another session', () => {
    const lost = client(live, { type: 'ended', reason: 'ended' }).state
    for (const input of [
      { type: 'kept', generation: 0, number: 5 },
      { type: 'taken', generation: 0, number: 5, at: 5 },
      { type: 'named', generation: 0 },
    ] as const)
      expect(client(lost, input)).toEqual({ state: lost, effects: [] })
  })

  test('has nothing to acknowledge while it is offline', () => {
    const state = clientState(session)
    expect(client(state, { type: 'flush' })).toEqual({ state, effects: [] })
  })

  test('says bye where it has been welcomed, and only there', () => {
    const lost = { type: 'lost', reason: 'left', from: 3 }
    expect(client(live, { type: 'leave' }).effects).toEqual([{ type: 'bye' }, lost])
    expect(client(greeting, { type: 'leave' }).effects).toEqual([lost])
  })
})

describe('a server', () => {
  test.each<[string, ServerInput]>([
    ['a second hello', { type: 'hello', session: undefined, received: 0, first: 1 }],
    ['a welcome', welcome],
    ['what says nothing', { type: 'malformed', problem: 'no JSON' }],
    ['an acknowledgement of nothing new', { type: 'acknowledge', number: 2 }],
    ['an acknowledgement of what was not sent', { type: 'acknowledge', number: 5 }],
  ])('closes with 1002 what brings %s, and keeps the session', (_what, input) => {
    const { state, effects } = server(attached, input)
    expect(effects).toEqual([
      { type: 'close', code: 1002, problem: expect.any(String) as string },
      { type: 'expire-later' },
    ])
    expect(state).toMatchObject({
      phase: 'detached',
      incoming: { taken: 3 },
      outgoing: { acked: 2, kept: 4 },
    })
    expect(server(state, input)).toEqual({ state, effects: [] })
  })

  test('closes a client that overdraws the window', () => {
    const step = server(attached, { type: 'payload', size: 25 }, { type: 'payload', size: 1 })
    expect(step.effects[0]).toEqual({ type: 'close', code: 1002, problem: 'a message beyond the window' })
  })

  test.each([1, 5])(
    'rejects a connection that is to go on after %i, and keeps the one it has',
    (received) => {
      const { state, effects } = server(attached, { type: 'attach', resumed: true, received })
      expect(effects).toEqual([{ type: 'reject', problem: expect.any(String) as string }])
      expect(state).toEqual(attached)
    },
  )

  test('tells the client that its session was ended, or over its limits', () => {
    for (const [reason, code] of [
      ['ended', 4101],
      ['limits', 4102],
    ] as const)
      expect(server(attached, { type: 'end', reason }).effects).toEqual([
        { type: 'close', code, problem: expect.any(String) as string },
        { type: 'delete' },
      ])
    expect(server(serverState(25), { type: 'end', reason: 'ended' }).effects).toEqual([{ type: 'delete' }])
  })

  test('closes with 4100 when another node has the session, and does nothing more', () => {
    const { state, effects } = server(attached, { type: 'fenced' })
    expect(effects).toEqual([
      { type: 'close', code: 4100, problem: expect.any(String) as string },
      { type: 'release' },
    ])
    for (const input of [
      { type: 'kept', number: 9 },
      { type: 'expire' },
      { type: 'payload', size: 1 },
    ] as const)
      expect(server(state, input)).toEqual({ state, effects: [] })
  })

  test('takes nothing from a connection that it has given up', () => {
    const state = serverState(25)
    for (const input of [
      { type: 'payload', size: 1 },
      { type: 'hello', session: undefined, received: 0, first: 1 },
      welcome,
      { type: 'acknowledge', number: 1 },
      { type: 'bye' },
      { type: 'malformed', problem: 'no JSON' },
      { type: 'detached' },
    ] as const)
      expect(server(state, input)).toEqual({ state, effects: [] })
  })

  test('has nothing to acknowledge without a connection', () => {
    const state = serverState(25)
    expect(server(state, { type: 'flush' })).toEqual({ state, effects: [] })
  })
})

describe('a hello', () => {
  const hello: Hello = { type: 'hello', session, received: 5, first: 8 }
  const record = { token: 't', identity: 'me', taken: 7, acked: 4, kept: 6 }
  const equal = (a: string, b: string): boolean => a === b

  test.each([
    ['all that is needed is there', hello, record, 'me', 'resume'],
    ['it asks for a new session', { ...hello, session: undefined }, record, 'me', 'renew'],
    ['the session is unknown', hello, undefined, 'me', 'renew'],
    ['the client has forgotten what the server needs', { ...hello, first: 9 }, record, 'me', 'renew'],
    ['the server has forgotten what the client needs', { ...hello, received: 3 }, record, 'me', 'renew'],
    ['the server has forgotten what it sent', { ...hello, received: 7 }, record, 'me', 'renew'],
    ['the token is wrong', { ...hello, session: { id: 'i', token: 'x' } }, record, 'me', 'reject'],
    ['it is another one’s session', hello, record, 'you', 'reject'],
  ] as const)('where %s', (_what, given, known, identity, verdict) => {
    expect(judge(given, known, identity, equal)).toBe(verdict)
  })
})

describe('messages that weigh nothing', () => {
  const nothing = (): number => 0
  const many = clientState(session, 0, 0, 0, 10_000)
  const welcomed = { ...welcome, resumed: true }

  test('no more than 4,096 are transmitted before the peer has acknowledged some', () => {
    const greeting = clientTransition(many, connected, nothing).state
    const { state, effects } = clientTransition(greeting, welcomed, nothing)
    expect(effects).toContainEqual({ type: 'transmit', from: 1, to: 4_096 })
    const more = clientTransition(state, { type: 'acknowledge', number: 1_024 }, nothing)
    expect(more.effects).toContainEqual({ type: 'transmit', from: 4_097, to: 5_120 })
  })

  test('1,024 are acknowledged at once', () => {
    const state = serverState(25)
    const step = server(
      state,
      { type: 'attach', resumed: false, received: 0 },
      { type: 'payload', size: 0, count: 1_500 },
      { type: 'taken', number: 1_023, at: 0 },
    )
    expect(step.effects).toEqual([{ type: 'acknowledge-later' }])
    expect(server(step.state, { type: 'taken', number: 1_024, at: 0 }).effects).toEqual([
      { type: 'acknowledge', number: 1_024 },
    ])
  })
})
