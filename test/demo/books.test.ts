import { expect, test } from 'vitest'
import { balance } from '../../demo/page/books.js'

const report = { dials: 1, opens: 1, duplicates: 7 }

test.each([
  ['all arrived', 5, false, [5, 5], { received: 5, pending: 0, lost: 0 }],
  ['the last may still arrive', 5, false, [3, 3], { received: 3, pending: 2, lost: 0 }],
  ['a gap is a loss', 5, false, [3, 5], { received: 3, pending: 0, lost: 2 }],
  ['a gap and a rest', 9, false, [4, 6], { received: 4, pending: 3, lost: 2 }],
  ['nobody will send the rest', 9, true, [4, 6], { received: 4, pending: 0, lost: 5 }],
  ['the server was faster than the page', 4, false, [5, 5], { received: 5, pending: 0, lost: 0 }],
])('%s', (_, sent, over, [received = 0, latest = 0], books) => {
  expect(balance(sent, over, { ...report, received, latest })).toEqual({ ...books, twice: 7 })
})
