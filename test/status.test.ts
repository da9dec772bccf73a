import { expect, test, vi } from 'vitest'
import { Status } from '../src/status.js'

const end = { by: 'user', code: 1000, reason: '', wasClean: true } as const
const run = { id: 1, retries: 2, opens: 0 }

test('the snapshot is immutable, and the same until something changes', () => {
  const status = new Status()
  const idle = status.snapshot
  expect(idle).toEqual({
    state: 'idle',
    phase: undefined,
    attempt: 0,
    endpoint: undefined,
    nextDialAt: undefined,
    lastEnd: undefined,
  })
  expect([status.snapshot === idle, Object.isFrozen(idle)]).toEqual([true, true])
  status.enter({ name: 'connecting', phase: 'waiting', ...run }, 1_234)
  expect(status.snapshot).toMatchObject({
    state: 'connecting',
    phase: 'waiting',
    attempt: 2,
    nextDialAt: 1_234,
  })
  status.dialing('wss://me:secret@a.test/feed?token=secret')
  expect(status.snapshot.endpoint).toBe('wss://a.test/feed')
  status.enter({ name: 'closed', id: 1, end }, undefined)
  expect(status.snapshot).toMatchObject({ state: 'closed', attempt: 0, nextDialAt: undefined, lastEnd: end })
})

test('watchers hear of each change, each as often as it subscribed, and one that throws disturbs no other', () => {
  const report = vi.fn()
  vi.stubGlobal('reportError', report)
  const status = new Status()
  const watcher = vi.fn(() => {
    throw new Error('x')
  })
  const undo = status.subscribe(watcher)
  status.subscribe(watcher)
  status.settle()
  undo()
  undo()
  status.settle()
  expect([watcher.mock.calls.length, report.mock.calls.length]).toEqual([3, 3])
  vi.unstubAllGlobals()
})

test('the promises: asked before, during and after', async () => {
  const status = new Status()
  const [opened, closed] = [status.opened, status.closed]
  expect([status.opened === opened, status.closed === closed]).toEqual([true, true])
  status.lastOpen = { attempt: 2, reconnected: false }
  status.enter({ name: 'open', ...run }, undefined)
  status.settle()
  status.rest()
  expect([await opened, await status.opened]).toEqual([status.lastOpen, status.lastOpen])
  status.enter({ name: 'closed', id: 1, end }, undefined)
  const waiting = status.pending
  status.settle()
  status.rest()
  await expect(waiting).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  await expect(status.opened).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  expect([await closed, await status.closed]).toEqual([end, end])
})
