import { describe, expect, test } from 'vitest'
import { Emitter } from '../../src/socket/emitter.js'
import { SlowConsumerError } from '../../src/diagnostics/errors.js'
import { iterate } from '../../src/socket/iterate.js'
import { settled } from '../sim/clock.js'
import type { Data } from '../../src/delivery/payload.js'

/** A source that the test speaks for. */
class FakeSource {
  limit = 4
  state: 'open' | 'closed' = 'open'
  able: 'pauses' | 'cannot pause' = 'pauses'
  /** How many have paused it and not resumed. */
  pauses = 0
  readonly #message = new Set<(data: Data) => void>()
  readonly #closed = new Set<() => void>()

  listen = (listener: (data: Data) => void): (() => void) => this.#add(this.#message, listener)

  get listeners(): number {
    return this.#message.size + this.#closed.size
  }

  iterate = () =>
    iterate({
      limit: this.limit,
      onMessage: this.listen,
      ifClosed: (callback) => {
        if (this.state === 'closed') callback()
      },
      onClosed: (listener) => this.#add(this.#closed, listener),
      pause: () => {
        if (this.able === 'cannot pause') return undefined
        this.pauses++
        return () => this.pauses--
      },
    })

  message(...all: Data[]): void {
    for (const data of all) for (const listener of [...this.#message]) listener(data)
  }

  close(): void {
    this.state = 'closed'
    for (const listener of [...this.#closed]) listener()
  }

  #add<T>(set: Set<T>, listener: T): () => void {
    set.add(listener)
    return () => set.delete(listener)
  }
}

const done = { done: true, value: undefined }

/** All that comes until the end. */
async function rest(iterator: AsyncIterable<Data>): Promise<Data[]> {
  const all: Data[] = []
  for await (const data of iterator) all.push(data)
  return all
}

describe('messages', () => {
  test('come in order, those that were held first', async () => {
    const source = new FakeSource()
    const iterator = source.iterate()
    source.message('a', 'b')
    expect(await iterator.next()).toEqual({ done: false, value: 'a' })
    source.message('c')
    source.close()
    expect(await rest(iterator)).toEqual(['b', 'c'])
  })

  test('may be empty', async () => {
    const source = new FakeSource()
    const iterator = source.iterate()
    const empty = new ArrayBuffer(0)
    source.message('', empty)
    expect((await iterator.next()).value).toBe('')
    expect((await iterator.next()).value).toBe(empty)
  })

  test('from before the iteration are not in it', async () => {
    const source = new FakeSource()
    source.message('early')
    const iterator = source.iterate()
    source.message('late')
    source.close()
    expect(await rest(iterator)).toEqual(['late'])
  })

  test('calls of next() may run ahead of them', async () => {
    const source = new FakeSource()
    const iterator = source.iterate()
    const ahead = [iterator.next(), iterator.next(), iterator.next()]
    source.message('a', 'b')
    source.close()
    expect(await Promise.all(ahead)).toEqual([{ done: false, value: 'a' }, { done: false, value: 'b' }, done])
  })

  test('each iteration gets all', async () => {
    const source = new FakeSource()
    const [one, two] = [source.iterate(), source.iterate()]
    source.message('a', 'b')
    source.close()
    expect(await Promise.all([rest(one), rest(two)])).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
  })
})

describe('the end', () => {
  test('comes at once where the socket is closed, with no listener left', async () => {
    const source = new FakeSource()
    source.state = 'closed'
    const iterator = source.iterate()
    expect(source.listeners).toBe(0)
    expect(await iterator.next()).toEqual(done)
  })

  test('stays the end, also when the socket goes on', async () => {
    const source = new FakeSource()
    const iterator = source.iterate()
    source.close()
    source.close()
    source.message('a')
    expect([await iterator.next(), await iterator.next()]).toEqual([done, done])
    expect(source.listeners).toBe(0)
  })

  test('return() ends it: what is held is let go, what is awaited is done, nothing listens', async () => {
    const source = new FakeSource()
    const iterator = source.iterate()
    source.message('a')
    expect(await iterator.return!()).toEqual(done)
    expect(await iterator.next()).toEqual(done)
    expect(source.listeners).toBe(0)
    const other = source.iterate()
    const awaited = other.next()
    await other.return!()
    expect(await awaited).toEqual(done)
  })

  test('a message that is being told while it ends is not in it, and pauses nothing', async () => {
    const source = new FakeSource()
    source.limit = 1
    const emitter = new Emitter<{ message: Data }>()
    source.listen = (listener) => emitter.on('message', listener)
    emitter.on('message', () => void iterator.return!())
    const iterator = source.iterate()
    emitter.emit('message', 'a')
    expect(source.pauses).toBe(0)
    expect(await iterator.next()).toEqual(done)
  })

  test('leaving the loop ends it', async () => {
    const source = new FakeSource()
    const iterator = source.iterate()
    source.message('a', 'b')
    for await (const data of iterator) {
      expect(data).toBe('a')
      break
    }
    expect(source.listeners).toBe(0)
  })

  test('an iterator is iterable, as itself', () => {
    const iterator = new FakeSource().iterate()
    expect(iterator[Symbol.asyncIterator]()).toBe(iterator)
  })
})

describe('a slow consumer, where reading can be paused', () => {
  test('pauses it at the limit, once, and resumes when half is consumed', async () => {
    const source = new FakeSource()
    const iterator = source.iterate()
    source.message('a', 'b', 'c')
    expect(source.pauses).toBe(0)
    source.message('d')
    expect(source.pauses).toBe(1)
    // what had been read before the pause
    source.message('e', 'f')
    expect(source.pauses).toBe(1)
    for (const [data, pauses] of [
      ['a', 1] as const,
      ['b', 1] as const,
      ['c', 1] as const,
      ['d', 0] as const,
    ]) {
      expect((await iterator.next()).value).toBe(data)
      expect([data, source.pauses]).toEqual([data, pauses])
    }
    source.message('g', 'h')
    expect(source.pauses).toBe(1)
    source.close()
    expect(await rest(iterator)).toEqual(['e', 'f', 'g', 'h'])
    expect(source.pauses).toBe(0)
  })

  test.each([
    ['the end', (source: FakeSource) => source.close()],
    ['return()', (_: FakeSource, iterator: AsyncIterator<Data>) => iterator.return!()],
  ])('%s resumes it', async (_, end) => {
    const source = new FakeSource()
    const iterator = source.iterate()
    source.message('a', 'b', 'c', 'd')
    expect(source.pauses).toBe(1)
    await end(source, iterator)
    expect(source.pauses).toBe(0)
    await rest(iterator)
    expect(source.pauses).toBe(0)
  })

  test('holds one message at a limit of 1', async () => {
    const source = new FakeSource()
    source.limit = 1
    const iterator = source.iterate()
    source.message('a')
    expect(source.pauses).toBe(1)
    expect((await iterator.next()).value).toBe('a')
    expect(source.pauses).toBe(0)
  })

  test('a consumer that waits is never slow', async () => {
    const source = new FakeSource()
    const iterator = source.iterate()
    for (let i = 0; i < 100; i++) {
      const next = iterator.next()
      source.message(String(i))
      expect((await next).value).toBe(String(i))
    }
    expect(source.pauses).toBe(0)
  })
})

describe('a slow consumer, where it cannot', () => {
  test('gets what was held, then the error, then the end', async () => {
    const source = new FakeSource()
    source.able = 'cannot pause'
    const iterator = source.iterate()
    source.message('a', 'b', 'c', 'd', 'e')
    expect(source.listeners).toBe(0)
    const held: Data[] = []
    const error: unknown = await (async () => {
      for await (const data of iterator) held.push(data)
    })().catch((reason: unknown) => reason)
    expect(held).toEqual(['a', 'b', 'c', 'd'])
    expect(error).toBeInstanceOf(SlowConsumerError)
    expect((error as Error).message).toContain('4 messages')
    expect(await iterator.next()).toEqual(done)
  })

  test('return() takes the error away with the rest', async () => {
    const source = new FakeSource()
    source.able = 'cannot pause'
    const iterator = source.iterate()
    source.message('a', 'b', 'c', 'd')
    await iterator.return!()
    expect(await iterator.next()).toEqual(done)
  })

  test('an error that nobody asks for is never unhandled', async () => {
    const unhandled: unknown[] = []
    const hear = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', hear)
    const source = new FakeSource()
    source.able = 'cannot pause'
    source.iterate()
    source.message('a', 'b', 'c', 'd')
    await settled()
    process.off('unhandledRejection', hear)
    expect(unhandled).toEqual([])
  })
})
