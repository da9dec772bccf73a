import { describe, expect, test, onTestFinished, vi } from 'vitest'
import type { Message } from '../../src/delivery/outbox.js'
import { payloadSize } from '../../src/delivery/payload.js'
import type { Link } from '../../src/platform/platform.js'
import { type Buffered, Latest, WholeWrites } from '../../src/platform/buffered.js'
import { dialWhatwg } from '../../src/platform/whatwg.js'
import { dialOptions, LinkRecorder } from '../sim/listener.js'
import { growth } from '../cost.js'
import { URL_A } from '../sim/socket.js'
import { FakeWebSocket as Fake } from '../sim/websocket.js'
import type { Sendable } from '../../src/delivery/payload.js'

/** As a browser's: what is sent stays in `bufferedAmount` until the test says that it is transmitted. */
class FakeWebSocket extends Fake {
  static latest: FakeWebSocket
  readonly args: unknown[]
  readonly calls: unknown[][] = []
  terminate?: () => void

  constructor(...args: unknown[]) {
    super()
    this.args = args
    FakeWebSocket.latest = this
  }

  override send(data: Sendable): void {
    super.send(data)
    this.bufferedAmount += payloadSize(data)
  }

  override close(...args: unknown[]): void {
    this.calls.push(['close', ...args])
  }
}

function dial(
  protocols?: string[],
  WebSocket: typeof FakeWebSocket = FakeWebSocket,
  buffered: Buffered = new Latest(),
) {
  const listener = new LinkRecorder()
  const link = dialWhatwg(WebSocket, { url: URL_A, protocols }, dialOptions, listener, buffered)
  return { link, listener, socket: FakeWebSocket.latest }
}

describe('a class that lacks what the standard has', () => {
  class Partial extends FakeWebSocket {
    constructor(...args: unknown[]) {
      super(...args)
      Object.defineProperties(this, {
        binaryType: {
          get: () => undefined,
          set() {
            throw new Error('no binary here')
          },
        },
        bufferedAmount: { get: () => undefined, set() {} },
        protocol: { value: null },
        extensions: { value: undefined },
      })
    }
  }

  test('is dialed, and sends', () => {
    const { link, socket } = dial(undefined, Partial)
    expect(socket.calls).toEqual([])
    send(link, 'a', 'b')
    expect(socket.sent).toEqual(['a', 'b'])
    expect([link.bufferedAmount, link.protocol, link.extensions]).toEqual([0, '', ''])
  })

  test('has nothing to give back: what it took may have been transmitted', () => {
    const { link } = dial(undefined, Partial)
    send(link, 'a', '')
    expect(unsent(link)).toEqual([])
  })

  test('holds no more than a bounded record of what it took', () => {
    const { link } = dial(undefined, Partial)
    for (let i = 0; i < 5_000; i++) send(link, 'x')
    expect(unsent(link)).toEqual([])
  })

  test.each([NaN, -1, 'none'])('has nothing in its buffer where that is %j', (bufferedAmount) => {
    const { link, socket } = dial()
    Object.defineProperty(socket, 'bufferedAmount', { get: () => bufferedAmount, set() {} })
    send(link, 'a', 'b')
    expect([link.bufferedAmount, link.taken?.()]).toEqual([0, 0])
  })

  test('does not say whether it closed in order', () => {
    const { listener, socket } = dial(undefined, Partial)
    socket.onclose!({ code: 1000, reason: '' } as never)
    expect(listener.told).toEqual([['close', 1000, '', false]])
  })

  test('has no reason', () => {
    const { listener, socket } = dial(undefined, Partial)
    for (const reason of [null, undefined]) socket.onclose!({ code: 4000, reason, wasClean: true } as never)
    expect(listener.told).toEqual([
      ['close', 4000, '', true],
      ['close', 4000, '', true],
    ])
  })
})

test('shared and resizable memory goes as a copy, which no engine refuses; everything else as it is', () => {
  const { link, socket } = dial()
  const shared = new SharedArrayBuffer(4)
  const resizable = Reflect.construct(ArrayBuffer, [4, { maxByteLength: 8 }]) as ArrayBuffer
  const plain = [
    new ArrayBuffer(1),
    new Uint8Array(1),
    new DataView(new ArrayBuffer(1)),
    new Blob(['x']),
    'x',
  ]
  send(link, new Uint8Array(shared, 1, 2), new DataView(shared, 3), resizable, new Uint16Array(resizable, 2))
  const copies = socket.sent as (ArrayBuffer | ArrayBufferView<ArrayBuffer>)[]
  const buffers = copies.map((data) => (ArrayBuffer.isView(data) ? data.buffer : data))
  expect(copies.map(({ byteLength }) => byteLength)).toEqual([2, 1, 4, 2])
  for (const buffer of buffers) {
    expect(buffer).toBeInstanceOf(ArrayBuffer)
    expect(buffer).not.toMatchObject({ resizable: true })
  }
  send(link, ...plain)
  expect(socket.sent.slice(4).every((data, i) => data === plain[i])).toBe(true)
})

const send = (link: Link, ...all: Sendable[]): void => {
  for (const data of all) link.send({ data, expires: Infinity })
}

/** Once the class says that the connection is over. */
function unsent(link: Link): Sendable[] {
  FakeWebSocket.latest.readyState = 3
  return link.unsent().map(({ data }) => data)
}

test('dials with the URL alone where no protocols are asked for', () => {
  expect(dial().socket.args).toEqual([URL_A])
})

test('dials with a copy of the protocols', () => {
  const protocols = ['a', 'b']
  const { socket } = dial(protocols)
  expect(socket.args).toEqual([URL_A, ['a', 'b']])
  expect(socket.args[1]).not.toBe(protocols)
  expect(dial([]).socket.args).toEqual([URL_A, []])
})

test('binaryType is that of the options at once, and can change', () => {
  const { link, socket } = dial()
  expect([socket.binaryType, link.binaryType]).toEqual(['arraybuffer', 'arraybuffer'])
  link.binaryType = 'blob'
  expect([socket.binaryType, link.binaryType]).toEqual(['blob', 'blob'])
})

test('tells what the platform says', () => {
  const { listener, socket } = dial()
  const error = new Error('of ws')
  socket.onopen!()
  socket.onmessage!({ data: 'x' })
  socket.onerror!({})
  socket.onerror!({ error })
  socket.onclose!({ code: 1001, reason: 'bye', wasClean: true })
  expect(listener.told).toEqual([
    ['open'],
    ['message', 'x'],
    ['error', undefined],
    ['error', error],
    ['close', 1001, 'bye', true],
  ])
})

test('says what the platform is', () => {
  const { link, socket } = dial()
  Object.assign(socket, { protocol: 'p', extensions: 'e', bufferedAmount: 7 })
  expect([link.protocol, link.extensions, link.bufferedAmount]).toEqual(['p', 'e', 7])
  const ready = [0, 1, 2, 3].map((state) => {
    socket.readyState = state
    return link.ready
  })
  expect(ready).toEqual([false, true, false, false])
})

test('can neither ping nor pause nor count', () => {
  const { link } = dial()
  expect([link.ping, link.pause, link.resume, link.received]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

test('counts what it has taken, also where a send lets more go than it adds', () => {
  const { link, socket } = dial()
  send(link, 'aaaa')
  expect(link.taken!()).toBe(0)
  socket.bufferedAmount = 1
  expect(link.taken!()).toBe(3)
  send(link, 'bb')
  expect(link.taken!()).toBe(3)
  socket.send = () => void (socket.bufferedAmount = 1)
  send(link, 'c')
  expect(link.taken!()).toBe(5)
})

describe('whether another owns the connection', () => {
  test('is said by a class of everopen/tabs alone, which counts by the standard', () => {
    class Tab extends FakeWebSocket {
      greeted = true
    }
    const { link } = dial(undefined, Tab, new WholeWrites())
    const socket = FakeWebSocket.latest as Tab
    expect([socket.greeted, link.shared]).toEqual([false, false])
    link.established!()
    expect([socket.greeted, link.shared]).toEqual([true, true])
    send(link, 'a', 'b')
    expect(unsent(link)).toEqual(['a', 'b'])
  })

  test('is never so of any other', () => {
    const { link, socket } = dial()
    link.established!()
    expect([link.shared, 'greeted' in socket]).toEqual([false, false])
  })
})

describe('close()', () => {
  test('hands over only what is given', () => {
    const { link, socket } = dial()
    link.close()
    link.close(3000)
    link.close(3000, 'bye')
    expect(socket.calls).toEqual([['close'], ['close', 3000, undefined], ['close', 3000, 'bye']])
  })
})

describe('drop()', () => {
  test('closes, and nothing is told any more', () => {
    const { link, socket, listener } = dial()
    link.drop()
    expect(socket.calls).toEqual([['close']])
    expect([socket.onopen, socket.onmessage, socket.onclose]).toEqual([null, null, null])
    // ws raises an uncaught exception where nobody listens
    socket.onerror!({ error: new Error('late') })
    expect(listener.told).toEqual([])
  })

  test('terminates where the class can', () => {
    const { link, socket } = dial()
    socket.terminate = () => void socket.calls.push(['terminate'])
    link.drop()
    expect(socket.calls).toEqual([['terminate']])
  })

  test('within a send of the class: no timer is left', () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    class Ending extends FakeWebSocket {
      override send(data: Sendable): void {
        super.send(data)
        link.drop()
      }
    }
    const { link } = dial(undefined, Ending)
    link.send({ data: 'a', expires: Infinity })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('never throws', () => {
    const { link, socket } = dial()
    socket.close = () => {
      throw new Error('not now')
    }
    expect(() => link.drop()).not.toThrow()
  })
})

describe('send()', () => {
  test('hands over, in order; of what can change and is held, a copy is kept', () => {
    const { link, socket } = dial()
    const data = Uint8Array.of(1, 2)
    send(link, 'a', data)
    link.beat('beat')
    data.fill(9)
    expect(socket.sent).toEqual(['a', data, 'beat'])
    expect(unsent(link)).toEqual(['a', Uint8Array.of(1, 2)])
  })

  test('what the platform throws is the caller’s, and the message not handed over', () => {
    const { link, socket } = dial()
    socket.send = () => {
      throw new Error('InvalidStateError')
    }
    expect(() => send(link, 'a')).toThrow('InvalidStateError')
    socket.bufferedAmount = 100
    expect(unsent(link)).toEqual([])
  })
})

describe('unsent()', () => {
  test('is what the platform still holds: the latest', () => {
    const { link, socket } = dial()
    send(link, 'aa', 'bbb', new Uint8Array(4))
    expect(unsent(link)).toEqual(['aa', 'bbb', new Uint8Array(4)])
    socket.bufferedAmount = 7
    expect(unsent(link)).toEqual(['bbb', new Uint8Array(4)])
    socket.bufferedAmount = 0
    expect(unsent(link)).toEqual([])
  })

  test.each([
    ['the engines’ own', new Latest()],
    ['over a stream of Node’s', new WholeWrites()],
  ])('is forgotten a while after it has gone, of classes that are %s', (_, buffered) => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { link, socket } = dial(undefined, FakeWebSocket, buffered)
    send(link, 'aa', 'bbb')
    vi.advanceTimersByTime(5_000)
    expect(unsent(link).at(-1)).toBe('bbb')
    socket.bufferedAmount = 0
    vi.advanceTimersByTime(1_000)
    // were it remembered, it would be taken for what is held now
    socket.bufferedAmount = 5
    expect([unsent(link), vi.getTimerCount()]).toEqual([[], 0])
    send(link, 'c', 'd')
    expect(vi.getTimerCount()).toBe(1)
    link.drop()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('keeps the age of each', () => {
    const { link } = dial()
    const message: Message = { data: 'a', expires: 123 }
    link.send(message)
    FakeWebSocket.latest.readyState = 3
    // the same object: none is made for each message
    expect(link.unsent()[0]).toBe(message)
  })

  test.each([0, 1, 2])('is nothing in readyState %d: the engine goes on with what it holds', (readyState) => {
    const { link, socket } = dial()
    send(link, 'a', 'b')
    socket.readyState = readyState
    expect(link.unsent()).toEqual([])
  })

  test('is what it holds of a class that can be made to let go at once, in whatever readyState', () => {
    const { link, socket } = dial()
    socket.terminate = () => {}
    send(link, 'a', 'b')
    socket.readyState = 1
    expect(link.unsent().map(({ data }) => data)).toEqual(['a', 'b'])
  })

  test('reckons with engines that count the headers of frames', () => {
    const { link, socket } = dial()
    socket.send = (data: Sendable) => void (socket.bufferedAmount += payloadSize(data) + 6)
    send(link, 'aa', 'bb', 'cc')
    socket.bufferedAmount = 16
    expect(unsent(link)).toEqual(['bb', 'cc'])
    socket.bufferedAmount = 15
    expect(unsent(link)).toEqual(['cc'])
  })

  test('gives nothing back where the platform does not count', () => {
    const { link, socket } = dial()
    send(link, 'aa')
    socket.send = () => {}
    send(link, 'bb')
    socket.bufferedAmount = 1_000
    expect(unsent(link)).toEqual([])
  })

  test('does not count what went in part: it may have arrived', () => {
    const { link, socket } = dial()
    send(link, 'aaaa', 'b')
    socket.bufferedAmount = 3
    expect(unsent(link)).toEqual(['b'])
  })

  test('does not count an empty message that the platform may have transmitted', () => {
    const { link, socket } = dial()
    send(link, 'a', '')
    socket.bufferedAmount = 0
    expect(unsent(link)).toEqual([])
    const other = dial()
    send(other.link, '', 'abc')
    expect(unsent(other.link)).toEqual(['abc'])
  })

  test('counts an empty message between two that are held', () => {
    const { link } = dial()
    send(link, 'a', '', 'b')
    expect(unsent(link)).toEqual(['a', '', 'b'])
  })

  test('leaves heartbeats out, and counts their bytes', () => {
    const { link, socket } = dial()
    send(link, 'a')
    link.beat('beat')
    send(link, 'b')
    expect(unsent(link)).toEqual(['a', 'b'])
    socket.bufferedAmount = 5
    expect(unsent(link)).toEqual(['b'])
  })

  test('gives nothing where the platform says nothing of it', () => {
    const { link, socket } = dial()
    send(link, 'a')
    Object.assign(socket, { bufferedAmount: undefined })
    expect(unsent(link)).toEqual([])
  })
})

describe('unsent(), of a class over a stream of Node’s', () => {
  const start = () => {
    const { link, socket } = dial(undefined, FakeWebSocket, new WholeWrites())
    return { link, socket }
  }

  test('is what came while the write before it was under way, as it was', () => {
    const { link } = start()
    const data = Uint8Array.of(1, 2)
    send(link, 'written', 'a', data)
    data.fill(9)
    expect(unsent(link)).toEqual(['a', Uint8Array.of(1, 2)])
  })

  test('is nothing of what the next write may have taken, though all of it still counts', () => {
    const { link, socket } = start()
    send(link, 'xxx', 'a', 'b')
    socket.bufferedAmount = 2
    expect(unsent(link)).toEqual([])
    send(link, 'c')
    expect(unsent(link)).toEqual(['c'])
    socket.bufferedAmount = 1
    expect(unsent(link)).toEqual([])
  })

  test('is nothing where the class does not count, or counts nothing at the end', () => {
    const { link, socket } = start()
    send(link, 'x', 'a')
    socket.bufferedAmount = 0
    expect(unsent(link)).toEqual([])
    send(link, 'y')
    expect(unsent(link)).toEqual([])
    Object.assign(socket, { bufferedAmount: undefined })
    expect(unsent(link)).toEqual([])
  })

  test('takes a copy along: such a class may read it later', () => {
    const { link, socket } = start()
    const data = Uint8Array.of(1)
    send(link, data)
    data.fill(9)
    expect(socket.sent).toEqual([Uint8Array.of(1)])
  })
})

describe('the record of what was handed over', () => {
  test('starts afresh whenever the platform is idle', () => {
    const { link, socket } = dial()
    for (let i = 0; i < 5_000; i++) {
      socket.bufferedAmount = 0
      send(link, 'x')
    }
    // the platform holds more than the record knows of: it would all come back
    socket.bufferedAmount = 1e9
    expect(unsent(link).length).toBe(1)
  })

  test('has nothing of what went at once', () => {
    const { link, socket } = dial()
    send(link, '')
    socket.bufferedAmount = 5
    expect(unsent(link)).toEqual([])
  })

  test('is bounded where it never is, and loses nothing that is held', () => {
    const { link, socket } = dial()
    for (let i = 0; i < 5_000; i++) {
      send(link, String(i).padStart(4, '0'))
      socket.bufferedAmount = Math.min(socket.bufferedAmount, 400)
    }
    expect(unsent(link).length).toBe(100)
    expect([unsent(link)[0], unsent(link).at(-1)]).toEqual(['4900', '4999'])
    socket.bufferedAmount = 1e9
    expect(unsent(link).length).toBeLessThan(2_100)
  })

  test('costs a few looks for each message, also in a burst that the platform holds all of', () => {
    const { link, socket } = dial()
    let amount = 0
    let looks = 0
    Object.defineProperty(socket, 'bufferedAmount', {
      get: () => (looks++, amount),
      set: (bytes: number) => (amount = bytes),
    })
    const burst = 8_000
    for (let i = 0; i < burst; i++) send(link, 'x')
    expect(looks / burst).toBeLessThan(10)
    expect(unsent(link).length).toBe(burst)
  })

  test('is looked through no more often the longer it is', () => {
    const grows = growth((n) => {
      const { link } = dial()
      return () => {
        for (let i = 0; i < n; i++) send(link, 'x')
      }
    })
    expect(grows).toBeLessThan(3)
  })
})
