import { describe, expect, test } from 'vitest'
import { ClosedError, ConnectionError } from '../../src/diagnostics/errors.js'
import type { End, State } from '../../src/machine/state.js'
import { Status } from '../../src/socket/status.js'
import { settled } from '../sim/clock.js'
import { catchReports } from '../sim/socket.js'

const queue = { size: 0, bytes: 0 }
const cause = new ConnectionError()
const end: End = { by: 'network', code: 1006, reason: '', wasClean: false, cause }
const run = { id: 1, retries: 3, opens: 1 }
const states = {
  waiting: { name: 'connecting', phase: 'waiting', ...run },
  dialing: { name: 'connecting', phase: 'dialing', ...run },
  open: { name: 'open', ...run },
  closing: { name: 'closing', next: 'closed', ...run },
  closed: { name: 'closed', id: 1, end },
} satisfies Record<string, State>

describe('the snapshot', () => {
  test('at first', () => {
    expect(new Status(queue).snapshot).toEqual({
      state: 'idle',
      phase: undefined,
      attempt: 0,
      endpoint: undefined,
      nextDialAt: undefined,
      lastEnd: undefined,
      queued: 0,
      queuedBytes: 0,
    })
  })

  test('of each state', () => {
    const status = new Status(queue)
    status.lastEnd = { ...end, code: 1001 }
    status.dialing('wss://user:pass@a.test/x?token=1')
    const endpoint = 'wss://a.test/x'
    const seen = Object.values(states).map((state, i) => {
      status.enter(state, i === 0 ? 5_000 : undefined)
      return status.snapshot
    })
    const lastEnd = status.lastEnd
    const waiting = { queued: 0, queuedBytes: 0 }
    const rest = { endpoint, nextDialAt: undefined, phase: undefined, attempt: 3, lastEnd, ...waiting }
    expect(seen).toEqual([
      { ...rest, state: 'connecting', phase: 'waiting', nextDialAt: 5_000 },
      { ...rest, state: 'connecting', phase: 'dialing' },
      { ...rest, state: 'open' },
      { ...rest, state: 'closing' },
      { ...rest, state: 'closed', attempt: 0, lastEnd: end },
    ])
    expect(status.url).toBe('wss://user:pass@a.test/x?token=1')
  })

  test('is frozen, and the same object until something changes', () => {
    const status = new Status(queue)
    const first = status.snapshot
    expect(Object.isFrozen(first)).toBe(true)
    expect(status.snapshot).toBe(first)
    status.enter(states.waiting, 5)
    const second = status.snapshot
    expect(second).not.toBe(first)
    expect(status.snapshot).toBe(second)
    status.dialing('ws://a.test/')
    expect(status.snapshot).not.toBe(second)
    expect(first.state).toBe('idle')
  })
})

describe('subscribe()', () => {
  test('calls back after each change, until undone; the same listener may subscribe twice', () => {
    const status = new Status(queue)
    const seen: string[] = []
    const listener = (): void => void seen.push(status.snapshot.state)
    const undo = status.subscribe(listener)
    status.subscribe(listener)
    status.enter(states.open, undefined)
    status.settle()
    undo()
    undo()
    status.enter(states.closing, undefined)
    status.settle()
    expect(seen).toEqual(['open', 'open', 'closing'])
  })

  test('a listener that throws disturbs no other; one may leave or join meanwhile', () => {
    const reports = catchReports()
    const status = new Status(queue)
    const error = new Error('mine')
    const seen: string[] = []
    status.subscribe(() => {
      throw error
    })
    const undo = status.subscribe(() => {
      undo()
      status.subscribe(() => seen.push('joined'))
    })
    status.subscribe(() => seen.push('last'))
    status.settle()
    expect([seen, reports]).toEqual([['last'], [error]])
    status.settle()
    expect(seen).toEqual(['last', 'last', 'joined'])
  })
})

test('a change of the queue that the state has told of is not told again', async () => {
  const status = new Status(queue)
  let calls = 0
  status.subscribe(() => calls++)
  status.noticeQueue()
  status.enter(states.open, undefined)
  status.settle()
  await settled()
  expect(calls).toBe(1)
})

describe('the promises', () => {
  const detail = { attempt: 0, reconnected: false }
  // as the socket gives them when no task is running
  const opened = (status: Status) => {
    const { nextOpened } = status
    status.rest()
    return nextOpened
  }
  const closed = (status: Status) => {
    const { nextClosed } = status
    status.rest()
    return nextClosed
  }

  test('opened resolves at the next opening, and at once while open', async () => {
    const status = new Status(queue)
    const first = opened(status)
    expect(opened(status)).toBe(first)
    status.lastOpen = detail
    status.enter(states.open, undefined)
    status.settle()
    status.rest()
    expect(await first).toBe(detail)
    expect(await opened(status)).toBe(detail)
  })

  test('opened rejects when all has come to rest in closed, and at once there', async () => {
    const status = new Status(queue)
    const first = opened(status)
    const rejected = expect(first).rejects.toThrow(ClosedError)
    status.enter(states.closed, undefined)
    status.settle()
    status.rest()
    await rejected
    await expect(opened(status)).rejects.toMatchObject({ code: 'ERR_CLOSED', cause })
  })

  test('opened waits on where closed is passed through', async () => {
    const status = new Status(queue)
    const first = opened(status)
    status.enter(states.closed, undefined)
    status.settle()
    status.lastOpen = detail
    status.enter(states.open, undefined)
    status.settle()
    status.rest()
    expect(await first).toBe(detail)
  })

  test('opened is one of each run, however the one before ended', async () => {
    const status = new Status(queue)
    for (const close of ['close', 'open and close', 'close'] as const) {
      status.enter(states.waiting, undefined)
      const first = opened(status)
      const outcome = first.then(
        () => 'open and close',
        () => 'close',
      )
      if (close === 'open and close') {
        status.lastOpen = detail
        status.enter(states.open, undefined)
        status.settle()
      }
      status.enter(states.closed, undefined)
      status.settle()
      status.rest()
      expect(await outcome).toBe(close)
    }
  })

  test('nextOpened is the next opening, also in closed, or the present one at rest', async () => {
    const status = new Status(queue)
    status.enter(states.closed, undefined)
    const { nextOpened } = status
    status.lastOpen = detail
    status.enter(states.open, undefined)
    status.settle()
    expect(await nextOpened).toBe(detail)
    const again = status.nextOpened
    status.rest()
    expect(await again).toBe(detail)
  })

  test('nextClosed is the next end, or the present one at rest', async () => {
    const status = new Status(queue)
    status.enter(states.closed, undefined)
    const { nextClosed } = status
    status.rest()
    expect(await nextClosed).toBe(end)
  })

  test('closed resolves with the end, and at once there; it is one of each run', async () => {
    const status = new Status(queue)
    const first = closed(status)
    expect(closed(status)).toBe(first)
    status.enter(states.closed, undefined)
    status.settle()
    expect(await first).toBe(end)
    expect(await closed(status)).toBe(end)
    status.enter(states.waiting, undefined)
    const next = closed(status)
    const other = { ...end, code: 1000 }
    status.enter({ ...states.closed, end: other }, undefined)
    status.settle()
    expect(await next).toBe(other)
  })

  test('nobody asked: nothing is unhandled', async () => {
    const unhandled: unknown[] = []
    const hear = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', hear)
    const status = new Status(queue)
    status.enter(states.closed, undefined)
    status.settle()
    status.rest()
    await settled()
    process.off('unhandledRejection', hear)
    expect(unhandled).toEqual([])
  })
})
