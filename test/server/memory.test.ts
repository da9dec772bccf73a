import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/server/memory.js'
import { SimClock } from '../sim/clock.js'
import { storeContract } from './store.contract.js'

describe('the contract', () => {
  storeContract(async () => {
    const clock = new SimClock()
    const store = memoryStore(clock)
    return { store, pass: (ms) => clock.advance(ms), stop: async () => store.close() }
  })
})

const credentials = { tokenHash: '', identity: '' }
const bounds = { messages: Infinity, bytes: Infinity }

test('no timer is left when nothing is held, nor after close()', async () => {
  const clock = new SimClock()
  const store = memoryStore(clock)
  expect(clock.timers).toEqual([])
  store.open('a', credentials, 'x', 5_000)
  store.open('b', credentials, 'x', 5_000)
  store.renew('b', 1, 10_000)
  store.end('a', 1)
  expect(clock.timers).toHaveLength(1)
  await clock.advance(9_000)
  expect(store.find('b')).toBeDefined()
  expect(clock.timers).toHaveLength(1)
  await clock.advance(2_000)
  expect(clock.timers).toEqual([])
  store.open('c', credentials, 'x', 5_000)
  await store.close()
  expect(clock.timers).toEqual([])
  expect(store.find('c')).toBeUndefined()
})

test('a timer of the system keeps no process alive', async () => {
  const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const store = memoryStore()
  store.open('a', credentials, 'x', 60_000)
  expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')).toHaveLength(before)
  await store.close()
})

test('what is delivered takes no room, and costs the same however much waits', async () => {
  const store = memoryStore(new SimClock())
  store.open('a', credentials, 'x', 60_000)
  const all = Array.from({ length: 1_000 }, (_, i) => String(i))
  store.append('a', all, bounds, 1)
  // one by one, with the store never quite empty
  for (let n = 1; n < 1_000; n++) {
    store.trim('a', 1, n)
    expect(store.read('a', 0, 1)).toEqual([{ number: n + 1, data: String(n) }])
  }
  store.append('a', ['more'], bounds, 1)
  expect(store.read('a', 0, 10)).toEqual([
    { number: 1_000, data: '999' },
    { number: 1_001, data: 'more' },
  ])
  await store.close()
})
