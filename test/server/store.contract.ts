/** What every store of sessions must do. Each test has sessions of its own. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Payload, SessionStore, Wake } from '../../src/server/store.js'

export interface StoreKit {
  readonly store: SessionStore
  /** Lets time pass for the store. */
  pass(ms: number): Promise<void>
  stop(): Promise<void>
}

const LEASE = 60_000
const wide = { messages: 1_000, bytes: 1_000_000 }
const credentials = { tokenHash: 'hash', identity: 'ünser Kunde 1' }
const newId = (): string => randomBytes(9).toString('base64url')

/** Wakes of one owner, which can be waited for. */
async function listen(store: SessionStore, owner: string) {
  const wakes: Wake[] = []
  const waiting = new Set<() => void>()
  const undo = await store.subscribe(owner, (wake) => {
    wakes.push(wake)
    for (const look of [...waiting]) look()
  })
  const until = (holds: (wake: Wake) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!wakes.some(holds)) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  return { wakes, until, undo }
}

export function storeContract(start: () => Promise<StoreKit>): void {
  let kit: StoreKit
  let store: SessionStore
  beforeAll(async () => {
    kit = await start()
    store = kit.store
  })
  afterAll(() => kit.stop())

  async function session(owner = 'a'): Promise<string> {
    const id = newId()
    await store.open(id, credentials, owner, LEASE)
    return id
  }

  describe('ownership', () => {
    test('a session is found by its id, with whom it belongs to', async () => {
      const id = await session()
      expect(await store.find(id)).toEqual({ ...credentials, received: 0, delivered: 0, last: 0 })
      expect(await store.find(newId())).toBeUndefined()
    })

    test('a claim takes over all there is, each with a greater epoch, and by one for the same owner', async () => {
      const id = await session()
      expect(await store.append(id, ['one', 'two', 'three'], wide, 1)).toMatchObject({ last: 3 })
      await store.trim(id, 1, 1)
      await store.commit(id, 1, 7)
      expect(await store.find(id)).toEqual({ ...credentials, received: 7, delivered: 1, last: 3 })
      const claim = (await store.claim(id, 'b', LEASE))!
      expect(claim).toEqual({ epoch: claim.epoch, received: 7, delivered: 1, last: 3 })
      expect(claim.epoch).toBeGreaterThan(1)
      expect(await store.claim(id, 'b', LEASE)).toMatchObject({ epoch: claim.epoch + 1 })
      expect(await store.claim(newId(), 'b', LEASE)).toBeUndefined()
    })

    test('who has lost a session changes nothing any more', async () => {
      const id = await session()
      await store.append(id, ['one'], wide, 1)
      const { epoch } = (await store.claim(id, 'b', LEASE))!
      const before = await store.read(id, 0, 10)
      expect(await store.append(id, ['two'], wide, 1)).toBe('fenced')
      expect(await store.trim(id, 1, 1)).toBe('fenced')
      expect(await store.commit(id, 1, 1)).toBe('fenced')
      expect(await store.renew(id, 1, 1)).toBe('fenced')
      expect(await store.end(id, 1)).toBe('fenced')
      expect(await store.read(id, 0, 10)).toEqual(before)
      expect(await store.claim(id, 'b', LEASE)).toMatchObject({
        epoch: epoch + 1,
        received: 0,
        last: 1,
      })
    })

    test('nor does an owner that the session never had', async () => {
      const id = await session()
      expect(await store.append(id, ['two'], wide, 2)).toBe('fenced')
      expect(await store.commit(id, 2, 1)).toBe('fenced')
    })

    test('an ended session is gone', async () => {
      const id = await session()
      await store.append(id, ['one'], wide, 1)
      expect(await store.end(id, 1)).toBeUndefined()
      expect(await store.find(id)).toBeUndefined()
      expect(await store.claim(id, 'a', LEASE)).toBeUndefined()
      expect(await store.read(id, 0, 10)).toEqual([])
      expect(await store.append(id, ['two'], wide)).toBe('gone')
      expect(await store.append(id, ['two'], wide, 1)).toBe('gone')
      expect(await store.trim(id, 1, 1)).toBe('gone')
      expect(await store.commit(id, 1, 1)).toBe('gone')
      expect(await store.renew(id, 1, LEASE)).toBe('gone')
      expect(await store.end(id)).toBe('gone')
    })
  })

  describe('messages to the client', () => {
    test('are numbered in order, whoever appends them', async () => {
      const id = await session()
      expect(await store.append(id, ['one', 'two'], wide, 1)).toMatchObject({ last: 2 })
      expect(await store.append(id, ['three'], wide)).toMatchObject({ last: 3 })
      expect(await store.append(id, ['four'], wide, 1)).toMatchObject({ last: 4 })
      expect(await store.read(id, 0, 10)).toEqual([
        { number: 1, data: 'one' },
        { number: 2, data: 'two' },
        { number: 3, data: 'three' },
        { number: 4, data: 'four' },
      ])
      expect((await store.read(id, 1, 2)).map(({ number }) => number)).toEqual([2, 3])
      expect(await store.read(id, 4, 10)).toEqual([])
    })

    test('come back as they were: text, bytes, empty, long', async () => {
      const id = await session()
      const all = Uint8Array.from({ length: 256 }, (_, i) => i)
      const given: Payload[] = [
        '',
        'grüße 🌍\u0000\u0001',
        new Uint8Array(),
        all,
        'x'.repeat(70_000),
        't',
        'b',
      ]
      await store.append(id, given, wide, 1)
      const read = await store.read(id, 0, 10)
      expect(read.map(({ data }) => (typeof data === 'string' ? data : Uint8Array.from(data)))).toEqual(given)
    })

    test('of which only a part of a buffer was meant', async () => {
      const id = await session()
      await store.append(id, [Uint8Array.of(0, 1, 2, 3, 4).subarray(1, 3)], wide, 1)
      const [message] = await store.read(id, 0, 1)
      expect(Uint8Array.from(message!.data as Uint8Array)).toEqual(Uint8Array.of(1, 2))
    })

    test('are forgotten once they are delivered, and numbered on', async () => {
      const id = await session()
      await store.append(id, ['one', 'two', 'three'], wide, 1)
      await store.trim(id, 1, 2)
      expect(await store.read(id, 0, 10)).toEqual([{ number: 3, data: 'three' }])
      // again, and backwards: nothing to do
      await store.trim(id, 1, 2)
      await store.trim(id, 1, 1)
      expect(await store.claim(id, 'a', LEASE)).toMatchObject({ delivered: 2, last: 3 })
      await store.trim(id, 2, 3)
      expect(await store.read(id, 0, 10)).toEqual([])
      expect(await store.claim(id, 'a', LEASE)).toMatchObject({ delivered: 3, last: 3 })
      expect(await store.append(id, ['four'], wide, 3)).toMatchObject({ last: 4 })
      expect(await store.read(id, 0, 10)).toEqual([{ number: 4, data: 'four' }])
    })

    test('no more are forgotten than there are', async () => {
      const id = await session()
      await store.append(id, ['one'], wide, 1)
      await store.trim(id, 1, 99)
      expect(await store.append(id, ['two'], wide, 1)).toMatchObject({ last: 2 })
      expect(await store.claim(id, 'a', LEASE)).toMatchObject({ delivered: 1, last: 2 })
    })

    test('are held within bounds of number and size: as many of an append as there is room for', async () => {
      const id = await session()
      const bounds = { messages: 3, bytes: 10 }
      expect(await store.append(id, ['12345', '6789'], bounds, 1)).toEqual({ last: 2, count: 2 })
      expect(await store.append(id, ['0', '1'], bounds, 1)).toEqual({ last: 3, count: 1 })
      expect(await store.append(id, [''], bounds)).toEqual({ last: 3, count: 0 })
      await store.trim(id, 1, 1)
      // bytes count, not characters
      expect(await store.append(id, ['ééé'], bounds)).toEqual({ last: 3, count: 0 })
      // nothing overtakes what there was no room for
      expect(await store.append(id, ['ééé', 'é'], bounds)).toEqual({ last: 3, count: 0 })
      expect(await store.append(id, ['éé'], bounds)).toEqual({ last: 4, count: 1 })
      expect((await store.read(id, 0, 10)).map(({ number }) => number)).toEqual([2, 3, 4])
      await store.trim(id, 1, 4)
      expect(await store.append(id, ['1234567890'], bounds)).toEqual({ last: 5, count: 1 })
    })

    test('many appends at once keep the order in which they were asked for', async () => {
      const id = await session()
      const numbers = await Promise.all(
        Array.from({ length: 50 }, async (_, i) =>
          store.append(id, [String(i)], wide, i % 2 ? 1 : undefined),
        ),
      )
      expect(numbers).toEqual(Array.from({ length: 50 }, (_, i) => ({ last: i + 1, count: 1 })))
      expect((await store.read(id, 0, 100)).map(({ data }) => data)).toEqual(
        Array.from({ length: 50 }, (_, i) => String(i)),
      )
    })
  })

  test('what was committed stays: a smaller number changes nothing', async () => {
    const id = await session()
    await store.commit(id, 1, 5)
    expect(await store.commit(id, 1, 3)).toBeUndefined()
    expect(await store.claim(id, 'a', LEASE)).toMatchObject({ received: 5 })
  })

  describe('time', () => {
    test('a session that nobody renews is forgotten, with its messages', async () => {
      const id = newId()
      const kept = newId()
      await store.open(id, credentials, 'a', 300)
      await store.open(kept, credentials, 'a', 300)
      await store.append(id, ['one'], wide, 1)
      await store.append(kept, ['one'], wide, 1)
      expect(await store.renew(kept, 1, LEASE)).toBe(1)
      await kit.pass(300)
      expect(await store.find(id)).toBeUndefined()
      expect(await store.append(id, ['two'], wide)).toBe('gone')
      expect(await store.read(id, 0, 10)).toEqual([])
      expect(await store.find(kept)).toMatchObject(credentials)
      expect(await store.read(kept, 0, 10)).toHaveLength(1)
    })

    test('a claim renews it', async () => {
      const id = newId()
      await store.open(id, credentials, 'a', 300)
      await store.append(id, ['one'], wide, 1)
      expect(await store.claim(id, 'a', LEASE)).toBeDefined()
      await kit.pass(300)
      expect(await store.find(id)).toMatchObject(credentials)
      expect(await store.read(id, 0, 10)).toHaveLength(1)
    })

    test('a renewal may also be shorter', async () => {
      const id = await session()
      await store.append(id, ['one'], wide, 1)
      await store.renew(id, 1, 300)
      await kit.pass(300)
      expect(await store.find(id)).toBeUndefined()
    })
  })

  describe('wake-ups', () => {
    test('an owner is told what others do to its sessions', async () => {
      const owner = newId()
      const { until, wakes, undo } = await listen(store, owner)
      const id = await session(owner)
      await store.append(id, ['one'], wide, 1)
      await store.append(id, ['two', 'three'], wide)
      await until(({ type }) => type === 'appended')
      const { epoch } = (await store.claim(id, 'another', LEASE))!
      await until(({ type }) => type === 'fenced')
      await store.claim(id, owner, LEASE)
      await store.end(id)
      await until(({ type }) => type === 'ended')
      // not what it did itself
      expect(wakes).toEqual([
        { type: 'appended', id, last: 3 },
        { type: 'fenced', id, epoch },
        { type: 'ended', id },
      ])
      await undo()
    })

    test('and of its own only, until it has heard enough', async () => {
      const [one, two] = [newId(), newId()]
      const first = await listen(store, one)
      const second = await listen(store, two)
      const [mine, yours] = [await session(one), await session(two)]
      await first.undo()
      await store.append(mine, ['one'], wide)
      await store.append(yours, ['one'], wide)
      await second.until(({ type }) => type === 'appended')
      expect(second.wakes).toEqual([{ type: 'appended', id: yours, last: 1 }])
      expect(first.wakes).toEqual([])
      await second.undo()
    })

    test('claiming and ending what one owns wakes nobody', async () => {
      const owner = newId()
      const { until, wakes, undo } = await listen(store, owner)
      const id = await session(owner)
      await store.claim(id, owner, LEASE)
      await store.end(id, 2)
      const other = await session(owner)
      await store.append(other, ['one'], wide)
      await until(({ type }) => type === 'appended')
      expect(wakes).toEqual([{ type: 'appended', id: other, last: 1 }])
      await undo()
    })
  })
}
