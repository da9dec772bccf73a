import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Data, WebSocketClass } from '../../src/options.js'
import type { DialOptions, LinkListener } from '../../src/platform/platform.js'
import { dialWhatwg } from '../../src/platform/whatwg.js'

/** What the platform would be asked, and what it would say. */
class Fake {
  static last: Fake
  readyState = 0
  binaryType = 'blob'
  bufferedAmount = 0
  protocol = 'chat'
  extensions = 'x'
  onopen: (() => void) | null = null
  onmessage: ((event: { data: Data }) => void) | null = null
  onerror: ((event: { error?: unknown }) => void) | null = null
  onclose: ((event: { code: number; reason: string; wasClean: boolean }) => void) | null = null
  readonly args: unknown[]
  readonly sent: unknown[] = []
  readonly closed: unknown[][] = []

  constructor(...args: unknown[]) {
    this.args = args
    Fake.last = this
  }

  send(data: unknown): void {
    this.sent.push(data)
    this.bufferedAmount += (data as string).length ?? (data as ArrayBuffer).byteLength
  }

  close(...args: unknown[]): void {
    this.closed.push(args)
  }
}

class FakeWs extends Fake {
  terminated = 0

  terminate(): void {
    this.terminated++
  }
}

const listener = {
  onOpen: vi.fn(),
  onMessage: vi.fn(),
  onPong: vi.fn(),
  onSent: vi.fn(),
  onError: vi.fn(),
  onClose: vi.fn(),
} satisfies LinkListener
const options: DialOptions = { binaryType: 'arraybuffer', closeTimeout: 1, WebSocket: undefined, node: {} }
const dial = (protocols?: string[], Class: unknown = Fake) =>
  dialWhatwg(Class as WebSocketClass, { url: 'ws://a.test/', protocols }, options, listener)
const message = (data: string) => ({ data, expires: Infinity })

beforeEach(() => vi.clearAllMocks())

test('it dials with protocols only where there are some, and sets the binary type', () => {
  dial()
  expect([Fake.last.args, Fake.last.binaryType]).toEqual([['ws://a.test/'], 'arraybuffer'])
  dial(['a', 'b'])
  expect(Fake.last.args).toEqual(['ws://a.test/', ['a', 'b']])
})

test('it passes on what the socket says', () => {
  dial()
  const { onopen, onmessage, onerror, onclose } = Fake.last
  onopen?.()
  onmessage?.({ data: 'x' })
  const error = new Error('x')
  onerror?.({ error })
  onclose?.({ code: 1001, reason: 'bye', wasClean: true })
  expect(listener.onOpen).toHaveBeenCalledTimes(1)
  expect([listener.onMessage.mock.calls, listener.onError.mock.calls, listener.onClose.mock.calls]).toEqual([
    [['x']],
    [[error]],
    [[1001, 'bye', true]],
  ])
})

test('it reads the socket’s attributes', () => {
  const link = dial()
  expect([link.protocol, link.extensions, link.bufferedAmount, link.ready, link.binaryType]).toEqual([
    'chat',
    'x',
    0,
    false,
    'arraybuffer',
  ])
  Fake.last.readyState = 1
  link.binaryType = 'blob'
  expect([link.ready, Fake.last.binaryType]).toEqual([true, 'blob'])
})

test('close() without a code stays without one', () => {
  const link = dial()
  link.close()
  link.close(4000, 'why')
  expect(Fake.last.closed).toEqual([[], [4000, 'why']])
})

describe('drop', () => {
  test('silences the socket and closes it; an `error` still has a listener, as ws needs', () => {
    dial().drop()
    const { onopen, onmessage, onclose, onerror, closed } = Fake.last
    expect([onopen, onmessage, onclose, closed]).toEqual([null, null, null, [[]]])
    onerror?.({})
    expect(listener.onError).not.toHaveBeenCalled()
  })

  test('terminates where that can be done', () => {
    dial(undefined, FakeWs).drop()
    const { terminated, closed } = Fake.last as FakeWs
    expect([terminated, closed]).toEqual([1, []])
  })

  test('a socket that refuses is abandoned all the same', () => {
    const link = dial()
    Fake.last.close = () => {
      throw new Error('x')
    }
    expect(() => link.drop()).not.toThrow()
  })
})

describe('unsent', () => {
  const unsent = (link: ReturnType<typeof dial>): unknown[] => link.unsent().map(({ data }) => data)

  test('the latest messages that the platform still holds, whole ones only', () => {
    const link = dial()
    for (const data of ['aaa', 'bb', 'cccc']) link.send(message(data))
    expect(unsent(link)).toEqual(['aaa', 'bb', 'cccc'])
    Fake.last.bufferedAmount = 7
    expect(unsent(link)).toEqual(['bb', 'cccc'])
    Fake.last.bufferedAmount = 3
    expect(unsent(link)).toEqual([])
  })

  test('what went before the platform was idle is gone', () => {
    const link = dial()
    link.send(message('old'))
    Fake.last.bufferedAmount = 0
    link.send(message('new'))
    Fake.last.bufferedAmount = 100
    expect(unsent(link)).toEqual(['new'])
  })

  test('a heartbeat’s message is nobody’s loss, and counts as held', () => {
    const link = dial()
    link.send(message('aaa'))
    link.beat('ping')
    Fake.last.bufferedAmount = 4
    expect(unsent(link)).toEqual([])
    Fake.last.bufferedAmount = 7
    expect(unsent(link)).toEqual(['aaa'])
  })

  test('a platform that is never idle does not make the record grow', () => {
    const link = dial()
    for (let i = 0; i < 5_000; i++) {
      link.send(message('x'))
      Fake.last.bufferedAmount = Math.min(Fake.last.bufferedAmount, 10)
    }
    Fake.last.bufferedAmount = 10_000
    expect(unsent(link).length).toBeLessThan(1_100)
    expect(unsent(link).length).toBeGreaterThanOrEqual(10)
  })

  test('a platform that does not count is taken to hold nothing', () => {
    const link = dial()
    link.send(message('x'))
    Fake.last.bufferedAmount = NaN
    expect(unsent(link)).toEqual([])
  })
})
