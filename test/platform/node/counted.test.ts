/** What counts as buffered, and what comes back, where a test decides what the system takes of it. */
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Sendable } from '../../../src/delivery/payload.js'
import type { Link } from '../../../src/platform/platform.js'
import { Places } from '../../../src/platform/node/places.js'
import { loadedWs, loadWs } from '../../../src/platform/node/ws.js'
import { byHand } from './by-hand.js'

beforeAll(loadWs)

const send = (link: Link, ...all: Sendable[]): boolean[] =>
  all.map((data) => link.send({ data, expires: Infinity }))

const back = (link: Link): Sendable[] => link.unsent().map(({ data }) => data)

const texts = (all: readonly Sendable[]): Promise<string[]> =>
  Promise.all(all.map((data) => (data instanceof Blob ? data.text() : String(data))))

describe('what it saves', () => {
  /** How many of the messages had a callback, and how often the end of the turn was waited for. */
  function during(what: () => void) {
    const { prototype } = loadedWs()!
    const { send: sendOf } = prototype
    const { then: thenOf } = Promise.prototype
    const result = { callbacks: 0, looks: 0 }
    prototype.send = function (...args: unknown[]) {
      if (args[1] !== undefined) result.callbacks++
      Reflect.apply(sendOf, this, args)
    }
    Promise.prototype.then = function (...args: unknown[]) {
      result.looks++
      return Reflect.apply(thenOf, this, args) as never
    }
    try {
      what()
    } finally {
      Object.assign(prototype, { send: sendOf })
      Object.assign(Promise.prototype, { then: thenOf })
    }
    return result
  }

  test.each([80, 160])(
    '%d messages in as many turns: no callback, and one in eight is checked',
    async (n) => {
      const { link } = await byHand()
      let [callbacks, looks] = [0, 0]
      for (let i = 0; i < n; i++) {
        const one = during(() => send(link, 'x'))
        callbacks += one.callbacks
        looks += one.looks
        await turn()
      }
      expect({ callbacks, looks }).toEqual({ callbacks: 0, looks: n / 8 })
    },
  )

  test.each([80, 160])('%d messages in one turn: no callback, and one is checked', async (n) => {
    const { link, stream } = await byHand()
    const one = { callbacks: 0, looks: 1 }
    expect(during(() => send(link, ...'x'.repeat(n)))).toEqual(one)
    await turn()
    expect(stream.writes).toBe(2)
  })

  test.each([8, 16])('%d messages a turn behind what is buffered: one callback a turn', async (n) => {
    const { link, stream } = await byHand()
    stream.system = 'holds'
    send(link, 'x')
    await turn()
    for (let i = 0; i < 3; i++) {
      expect(during(() => send(link, ...'x'.repeat(n)))).toEqual({ callbacks: 1, looks: 0 })
      await turn()
    }
  })

  test.each([10, 20])('%d times 64 KiB in one turn: as many writes', async (n) => {
    const { link, stream } = await byHand()
    // the first turn with several messages
    send(link, 'x', 'x')
    await turn()
    const before = stream.writes
    for (let i = 0; i < n * 16; i++) {
      expect(stream.writes - before).toBe(i >> 4)
      // with its header, 4 KiB
      send(link, 'x'.repeat(4_088))
    }
    expect(stream.writes - before).toBe(n)
    send(link, 'x')
    expect(stream.writes - before).toBe(n)
    await turn()
    expect(stream.writes - before).toBe(n + 1)
  })

  test('a large message is copied once', async () => {
    const { link, stream } = await byHand()
    stream.system = 'holds'
    send(link, 'x', new Uint8Array(2_000))
    expect(back(link)[0]).toBe(back(link)[0])
  })
})

test.each(['none', 'a Blob'])(
  'what a stream that is never idle has passed on is not remembered; before it: %s',
  async (before) => {
    const add = vi.spyOn(Places.prototype, 'add')
    onTestFinished(() => add.mockRestore())
    const { link, stream } = await byHand()
    stream.system = 'holds'
    send(link, 'x')
    let most = 0
    for (let i = 0; i < 100; i++) {
      if (before === 'a Blob') send(link, new Blob([`${i}`]))
      send(link, new Uint8Array(16_384))
      await turn()
      // the next is written, and one is left
      stream.complete()
      most = Math.max(most, (add.mock.contexts.at(-1) as Places<never>).size)
    }
    expect([add.mock.calls.length >= 100, most < 20, stream.writableLength > 0]).toEqual([true, true, true])
  },
)

describe('that there is room is told', () => {
  test('of what is not taken at once, however little it is', async () => {
    const { link, stream, listener } = await byHand()
    stream.system = 'holds'
    send(link, 'x')
    await turn()
    send(link, 'x')
    await turn()
    stream.complete()
    expect([link.payloads, listener.all('room').length]).toEqual([1, 0])
    stream.complete()
    await turn()
    expect([link.payloads, listener.all('room').length]).toEqual([0, 1])
    // the one before was not taken at once: this one may not be either
    send(link, 'x')
    await turn()
    stream.complete()
    await turn()
    expect([link.payloads, listener.all('room').length]).toEqual([0, 2])
  })

  test('of what waits behind a heartbeat', async () => {
    const { link, stream, listener } = await byHand()
    stream.system = 'holds'
    link.beat('beat')
    send(link, 'x')
    await turn()
    stream.complete()
    stream.complete()
    await turn()
    expect(listener.all('room').length).toBe(1)
  })

  test('of much that was sent together, none of it with a callback', async () => {
    const { link, stream, listener } = await byHand()
    send(link, 'x', 'x')
    await turn()
    const before = listener.all('room').length
    stream.system = 'holds'
    send(link, 'x'.repeat(40_000), 'x'.repeat(40_000))
    await turn()
    expect([link.payloads, listener.all('room').length]).toEqual([80_000, before])
    while (stream.writableLength > 0) {
      stream.complete()
      await turn()
    }
    expect([link.payloads, listener.all('room').length > before]).toEqual([0, true])
  })

  test('of messages that are taken one by one at once, never', async () => {
    const { link, listener } = await byHand()
    for (let i = 0; i < 10; i++) {
      send(link, 'x')
      await turn()
    }
    expect(listener.all('room')).toEqual([])
  })
})

describe('what the system refuses comes back', () => {
  test('alone: it is still the caller’s', async () => {
    const { link, stream } = await byHand()
    stream.system = 'refuses'
    expect(send(link, 'a')).toEqual([false])
    expect(back(link)).toEqual([])
  })

  test('of those sent together, all, and no more is accepted', async () => {
    const { link, stream } = await byHand()
    send(link, 'x', 'x')
    await turn()
    stream.system = 'refuses'
    expect(send(link, 'a', 'b')).toEqual([true, true])
    expect(send(link, 'c'.repeat(65_536), 'd')).toEqual([true, false])
    await turn()
    expect(send(link, 'e')).toEqual([false])
    expect(back(link)).toEqual(['a', 'b', 'c'.repeat(65_536)])
  })

  test('behind one that it took', async () => {
    const { link, stream } = await byHand()
    send(link, 'a', 'b')
    stream.system = 'refuses'
    await turn()
    expect(back(link)).toEqual(['b'])
  })

  test('of those that ws held together', async () => {
    const { link, stream, listener } = await byHand()
    send(link, new Blob(['a']), 'b', 'c')
    stream.system = 'refuses'
    await listener.until('close')
    expect(await texts(back(link))).toEqual(['a', 'b', 'c'])
    expect(listener.all('lost')).toEqual([])
  })

  test('but not what the end of the stream had written before', async () => {
    const { link, stream } = await byHand()
    send(link, 'x', 'x')
    await turn()
    send(link, 'a', 'b')
    stream.end()
    stream.destroy(new Error('and then'))
    await turn()
    expect(stream.given.slice(2).map(({ payload }) => String(payload))).toEqual(['a', 'b'])
    expect(back(link)).toEqual([])
  })
})

describe('what ws holds', () => {
  type Send = (this: unknown, data: Sendable, done?: (error?: Error) => void) => void

  /** Lets the class of ws send in a way of its own, for this test. */
  function sendBy(own: (send: Send) => Send): void {
    const prototype = loadedWs()!.prototype as unknown as { send: Send }
    const { send } = prototype
    prototype.send = own(send)
    onTestFinished(() => void (prototype.send = send))
  }

  test('and throws at is the caller’s, and those behind it are sent; a Blob is lost', async () => {
    sendBy(
      (send) =>
        function (data, done) {
          if (data === 'bad' || data === bad) throw new Error('not that')
          Reflect.apply(send, this, [data, done])
        },
    )
    const bad = new Blob(['abc'])
    const { link, stream, listener } = await byHand()
    send(link, new Blob(['a']))
    expect(() => send(link, 'bad')).toThrow('not that')
    expect(send(link, bad, 'b')).toEqual([true, true])
    expect([link.payloads, listener.all('lost')]).toEqual([2, []])
    await listener.until('room')
    expect(stream.given.map(({ payload }) => String(payload))).toEqual(['a', 'b'])
    expect([link.payloads, back(link), listener.all('lost')]).toEqual([0, [], [['lost', bad]]])
  })

  test('is sent where the class has a callback of its own', async () => {
    sendBy(
      (send) =>
        function (data, done) {
          Reflect.apply(send, this, [data, (error?: Error) => done?.(error)])
        },
    )
    const { link, listener } = await byHand()
    send(link, new Blob(['a']), 'b')
    await listener.until('room')
    for (let i = 0; i < 4; i++) await turn()
    expect([link.payloads, back(link), listener.all('lost')]).toEqual([0, [], []])
  })

  test('behind a Blob is not taken for written with a heartbeat', async () => {
    const { link, stream } = await byHand()
    let read!: (bytes: ArrayBuffer) => void
    const slow = Object.assign(new Blob(['b']), {
      arrayBuffer: () => new Promise<ArrayBuffer>((resolve) => (read = resolve)),
    })
    send(link, new Blob(['a']))
    link.beat('beat')
    send(link, slow, 'c')
    for (let i = 0; i < 4; i++) await turn()
    expect(stream.given.map(({ payload }) => String(payload))).toEqual(['a', 'beat'])
    expect([link.payloads, back(link)]).toEqual([2, [slow, 'c']])
    read(new TextEncoder().encode('b').buffer)
    for (let i = 0; i < 4; i++) await turn()
    expect([link.payloads, back(link)]).toEqual([0, []])
  })

  test('behind a heartbeat that is a Blob comes back, and counts', async () => {
    const { link, stream, listener } = await byHand()
    let read!: (bytes: ArrayBuffer) => void
    const slow = (): Blob =>
      Object.assign(new Blob(['beat']), {
        arrayBuffer: () => new Promise<ArrayBuffer>((resolve) => (read = resolve)),
      })
    link.beat(slow())
    send(link, 'a', 'bc')
    expect([link.payloads, back(link)]).toEqual([3, ['a', 'bc']])
    read(new TextEncoder().encode('beat').buffer)
    await listener.until('room')
    expect(stream.given.map(({ payload }) => String(payload))).toEqual(['beat', 'a', 'bc'])
    expect([link.payloads, back(link)]).toEqual([0, []])
    send(link, 'd')
    link.beat(slow())
    send(link, 'e')
    await turn()
    stream.destroy()
    expect([link.payloads, back(link), listener.all('lost')]).toEqual([1, ['e'], []])
  })

  test('behind a heartbeat that cannot be read comes back; the heartbeat itself is nobody’s loss', async () => {
    const { link, listener } = await byHand()
    link.beat(Object.assign(new Blob(['x']), { arrayBuffer: () => Promise.reject(new Error('gone')) }))
    send(link, 'a')
    await listener.until('close')
    expect([back(link), listener.all('lost')]).toEqual([['a'], []])
    const strange = Object.assign(Object.create(Blob.prototype) as Blob, { arrayBuffer: undefined })
    const other = await byHand()
    expect(() => other.link.beat(strange)).toThrow()
    send(other.link, 'b')
    expect([other.link.payloads, other.stream.given.length]).toEqual([1, 1])
  })

  test('is text that comes back where the connection is closing, and not lost', async () => {
    const { link, listener } = await byHand({ threshold: 0 })
    expect(link.extensions).toBe('permessage-deflate')
    send(link, 'a')
    await listener.until('room')
    link.close()
    send(link, 'b')
    await turn()
    expect([back(link), listener.all('lost')]).toEqual([['b'], []])
  })
})

describe('within a turn', () => {
  test('all of it counts, however many tasks of promises it has', async () => {
    const { link } = await byHand()
    // in a task of promises, where the end of the turn comes behind them
    await Promise.resolve()
    send(link, 'a', 'b')
    for (let i = 0; i < 5; i++) {
      expect(link.payloads).toBe(2 + i)
      await Promise.resolve()
      send(link, 'c')
    }
    await turn()
    expect(link.payloads).toBe(0)
  })

  test('what was buffered before counts with it, whatever of that is taken meanwhile', async () => {
    const { link, stream } = await byHand()
    stream.system = 'holds'
    send(link, 'a')
    await turn()
    send(link, 'bc')
    stream.complete()
    expect(link.payloads).toBe(3)
    await turn()
    expect(link.payloads).toBe(2)
  })

  test('two messages a turn are sent together from the second turn on', async () => {
    const { link, stream } = await byHand()
    const writes: number[] = []
    for (let i = 0; i < 3; i++) {
      send(link, 'a', 'b')
      await turn()
      writes.push(stream.writes)
    }
    expect(writes).toEqual([2, 3, 4])
  })
})

/** One step of a use: the size of a message, or what else is done. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.nat(300) },
  { weight: 1, arbitrary: fc.constantFrom(30_000, 65_536) },
  { weight: 8, arbitrary: fc.constantFrom('turn', 'complete', 'holds') },
  { weight: 3, arbitrary: fc.constantFrom('blob', 'beat', 'slow beat', 'ping', 'microtask', 'ask', 'takes') },
)

test('it knows each message: what is with the system, what is buffered, and what comes back', async () => {
  const end = fc.constantFrom('all is taken', 'refused', 'cut')
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), end, async (steps, how) => {
      const { link, stream } = await byHand()
      const sent: string[] = []
      const frames = (count: number): string[] =>
        stream.given
          .slice(0, count)
          .filter(({ opcode, payload }) => opcode < 8 && String(payload) !== 'beat')
          .map(({ payload }) => String(payload))
      const text = (size: number): string => `${sent.length} `.padEnd(size, '.')
      const give = (data: string, form: Sendable = data): void => {
        if (link.send({ data: form, expires: Infinity })) sent.push(data)
      }
      for (const one of steps) {
        if (typeof one === 'number') give(text(one))
        else if (one === 'blob') give(text(40), new Blob([text(40)]))
        else if (one === 'beat') link.beat('beat')
        else if (one === 'slow beat') link.beat(new Blob(['beat']))
        else if (one === 'ping') link.ping!()
        else if (one === 'complete') stream.complete()
        else if (one === 'ask') void link.payloads
        else if (one === 'microtask') await Promise.resolve()
        else if (one === 'turn') {
          // what is read, is read by now
          for (let i = 0; i < 4; i++) await turn()
          const left = sent.slice(frames(stream.taken).length)
          expect(link.payloads).toBe(left.join('').length)
        } else stream.system = one
        expect((await texts(back(link))).filter((data) => !sent.includes(data))).toEqual([])
      }
      for (let i = 0; i < 4; i++) await turn()
      if (how === 'all is taken') {
        stream.system = 'takes'
        do {
          stream.complete()
          await turn()
        } while (stream.writableLength > 0)
        expect([frames(Infinity), back(link), link.payloads]).toEqual([sent, [], 0])
        return
      }
      stream.system = 'refuses'
      if (how === 'cut') stream.destroy()
      else give(text(10))
      stream.complete()
      await turn()
      expect(await texts(back(link))).toEqual(sent.slice(frames(Infinity).length))
    }),
    { seed: 1, numRuns: 200, endOnFailure: process.env.EVEROPEN_MUTATED !== undefined },
  )
})
