import { expect, test } from 'vitest'
import { brokenLaws, type Seen, summarize } from '../../demo/laws.js'

const connection: readonly Seen[] = [
  { type: 'state', to: 'open' },
  { type: 'open' },
  { type: 'state', to: 'connecting' },
  { type: 'close', willRetry: true },
]
const end: readonly Seen[] = [
  { type: 'state', to: 'open' },
  { type: 'open' },
  { type: 'state', to: 'closing' },
  { type: 'state', to: 'closed' },
  { type: 'close', willRetry: false },
]
const seen = [...connection, { type: 'error' } as const, ...end]
const books = { sent: ['1', '2', '3'], received: ['1', '2', '3'], waiting: [], dials: 3 }

test('nothing is broken where all is well', () => {
  expect(brokenLaws(seen, books)).toEqual([])
  expect(summarize(seen, books)).toEqual({
    opens: 2,
    closes: 2,
    errors: 1,
    sent: 3,
    received: 3,
    lost: 0,
    duplicates: 0,
  })
})

test.each([
  ['a lost message', seen, { ...books, received: ['1', '3'] }, ['1 of 3 messages were lost']],
  [
    'a message that arrives twice',
    seen,
    { ...books, received: ['1', '2', '2', '3'] },
    ['1 messages arrived twice'],
  ],
  ['the wrong order', seen, { ...books, received: ['2', '1', '3'] }, ['messages arrived out of order']],
  [
    'a second open',
    [{ type: 'open' } as const, ...seen],
    { ...books, dials: 4 },
    ['an open came before the close of the connection before it'],
  ],
  [
    'a second close',
    [...connection, { type: 'close' } as const, ...end],
    { ...books, dials: 2 },
    ['a close came without an open'],
  ],
  [
    'a failed dial without an error',
    [...connection, ...end],
    books,
    ['1 dials failed, and 0 error events told of them'],
  ],
  [
    'an error without a failed dial',
    seen,
    { ...books, dials: 2 },
    ['0 dials failed, and 1 error events told of them'],
  ],
  [
    'a message that nobody sent',
    seen,
    { ...books, received: ['1', '2', '3', '4'] },
    ['a message arrived that nobody sent'],
  ],
  [
    'a message that still waits, which is not a lost one',
    seen,
    { ...books, received: ['1', '2'], waiting: ['3'] },
    ['1 of 3 messages still wait in the outbox'],
  ],
  ['no last close', seen.slice(0, -1), books, ['the last open has no close']],
  ['no end', connection, { ...books, dials: 1 }, ['close() did not reach closed']],
])('the demo notices %s', (_, events, found, broken) => {
  expect(brokenLaws(events, found)).toEqual(broken)
})
