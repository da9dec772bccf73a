/** What comes too late, or to whom it does not concern, changes nothing; the rest is walked in walk.test.ts. */
import { expect, test } from 'vitest'
import { transition } from '../../src/tabs/member.js'
import type { Input, Leading, State } from '../../src/tabs/state.js'
import { confirmed, leaves, type Wills } from '../../src/tabs/wills.js'

const leading: Leading = {
  name: 'leading',
  term: 5,
  phase: 'open',
  n: 0,
  spoke: 1_000,
  last: {},
  protocol: '',
  extensions: '',
}
const following: State = { name: 'following', term: 5, heard: 1_000, asked: 0, n: 2, seq: 0 }
const keeping: State = { name: 'keeping', term: 5, until: 9_000 }
const closing: State = { name: 'closing', term: 5 }
const gone: State = { name: 'gone', term: 5 }
const waiting: State = { name: 'waiting', term: 5, heard: 1_000, asked: 0 }
const leave = { type: 'leave', code: undefined, reason: '', at: 0, left: [] } as const
const answer = { n: 1, at: 0, again: false, protocol: '', extensions: '', open: true } as const

const unmoved: readonly [State, Input][] = [
  [leading, { type: 'granted', date: 9 }],
  [keeping, { type: 'granted', date: 9 }],
  [gone, { type: 'deposed' }],
  [waiting, { type: 'deposed' }],
  [waiting, { type: 'tick' }],
  [keeping, { type: 'tick' }],
  [waiting, { type: 'send', data: 'x' }],
  [waiting, { type: 'opened', protocol: '', extensions: '' }],
  [following, { type: 'greeted' }],
  [leading, { type: 'greeted' }],
  [following, { type: 'received', data: 'x' }],
  [following, { type: 'ended', code: 1006, reason: '', clean: false, at: 0 }],
  [keeping, { type: 'verified' }],
  [following, { type: 'lost', from: 'x' }],
  [keeping, { ...leave, how: 'abandoned' }],
  [closing, { ...leave, how: 'hidden' }],
  [following, { type: 'word', word: { kind: 'lead', term: 4, ...answer } }],
  [leading, { type: 'word', word: { kind: 'lead', term: 5, ...answer } }],
]

test.each(unmoved)('%o does not mind %o', (state, input) => {
  expect(transition('me', state, input, 1_500)).toEqual([state, []])
})

test('a lock that comes too late is given back', () => {
  for (const state of [gone, closing])
    expect(transition('me', state, { type: 'granted', date: 9 }, 1_500)).toEqual([state, [['release']]])
})

test('a page that goes gives up the lock that it keeps', () => {
  expect(transition('me', keeping, { ...leave, how: 'hidden' }, 1_500)).toEqual([gone, [['release']]])
})

test('a message of the server that has been heard is not told again', () => {
  const [state, effects] = transition(
    'me',
    following,
    { type: 'word', word: { kind: 'data', term: 5, n: 2, data: 'x' } },
    1_500,
  )
  expect([state.name, effects]).toEqual(['following', []])
})

test('a leader that has no connection any more is no leader', () => {
  const word = { kind: 'lead', term: 5, ...answer, open: false } as const
  const [state, effects] = transition('me', following, { type: 'word', word }, 1_500)
  expect([state.name, effects]).toEqual(['gone', [['end', 1006, '', false, undefined], ['release']]])
})

test('who hears of a higher term leads no more', () => {
  const word = { kind: 'lead', term: 6, ...answer } as const
  const [state, effects] = transition('me', leading, { type: 'word', word }, 1_500)
  expect([state.name, effects.map(([name]) => name)]).toEqual(['gone', ['close', 'end', 'release']])
})

test('a kept lock answers who asks, until it is due', () => {
  const word = { kind: 'ask', from: 'x', term: 5, seq: 0 } as const
  expect(transition('me', keeping, { type: 'word', word }, 1_500)[1]).toEqual([['lead', false]])
  expect(transition('me', keeping, { type: 'word', word }, 9_500)[1]).toEqual([])
})

test('words to a leader that is not open, or not sure, are kept or asked for again', () => {
  const bye = { kind: 'bye', from: 'x', term: 5, seq: 1, left: ['a'] } as const
  const dialing = { ...leading, phase: 'dialing' } as const
  expect(transition('me', dialing, { type: 'word', word: bye }, 1_500)[1]).toEqual([['will', bye]])
  expect(transition('me', leading, { type: 'word', word: bye }, 9_500)[1]).toEqual([
    ['will', bye],
    ['verify', false],
  ])
  const ask = { kind: 'ask', from: 'x', term: 5, seq: 3 } as const
  expect(transition('me', leading, { type: 'word', word: ask }, 9_500)[1]).toEqual([['verify', false]])
})

test('who has left nothing unconfirmed is forgotten, by the leader and by the others', () => {
  const known: Leading = { ...leading, last: { x: 3, y: 1 } }
  const bye = { kind: 'bye', from: 'x', term: 5, seq: 4, left: [] } as const
  const [state, effects] = transition('me', known, { type: 'word', word: bye }, 1_500)
  expect(state).toMatchObject({ last: { y: 1 } })
  expect(Object.keys((state as Leading).last)).toEqual(['y'])
  expect(effects).toEqual([
    ['will', bye],
    ['left', 'x'],
  ])
  expect(transition('me', following, { type: 'word', word: bye }, 1_500)[1]).toEqual([['will', bye]])
  const wills: Wills = new Map()
  confirmed(wills, 'x', 3)
  leaves(wills, bye)
  expect(wills.size).toBe(0)
})

test.each([
  [4_001, 'greeting', 'gone'],
  [1_008, 'greeting', 'gone'],
  [1_013, 'greeting', 'keeping'],
  [1_006, 'greeting', 'keeping'],
  [4_001, 'open', 'keeping'],
] as const)('a connection that ends with %d while %s: then %s', (code, phase, then) => {
  const ended = { type: 'ended', code, reason: '', clean: true, at: 0 } as const
  const [{ name }, effects] = transition('me', { ...leading, phase }, ended, 1_500)
  expect(name).toBe(then)
  expect(effects.some(([effect]) => effect === 'release')).toBe(then === 'gone')
})
