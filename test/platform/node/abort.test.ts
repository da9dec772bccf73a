/** One AbortSignal for many sockets. */
import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { onAbort } from '../../../src/platform/node/abort.js'
import { simulate } from '../../sim/socket.js'

test('a hundred sockets put one listener on it, and none when they are closed', () => {
  const warnings: Error[] = []
  const hear = (warning: Error): void => void warnings.push(warning)
  process.on('warning', hear)
  const { signal } = new AbortController()
  const all = Array.from({ length: 100 }, () => simulate({ signal }).socket)
  expect(getEventListeners(signal, 'abort').length).toBe(1)
  for (const socket of all) socket.close()
  expect(getEventListeners(signal, 'abort').length).toBe(0)
  process.off('warning', hear)
  expect(warnings).toEqual([])
})

test('aborting closes each', () => {
  const controller = new AbortController()
  const all = Array.from({ length: 12 }, () => simulate({ signal: controller.signal }).socket)
  controller.abort()
  expect(all.map(({ state }) => state)).toEqual(Array<string>(12).fill('closed'))
})

test('one that is undone by another is not called; to undo twice is nothing', () => {
  const controller = new AbortController()
  const { signal } = controller
  const called: string[] = []
  const second = (): void => void called.push('second')
  onAbort(signal, () => {
    called.push('first')
    undo()
    undo()
  })
  const undo = onAbort(signal, second)
  controller.abort()
  expect(called).toEqual(['first'])
})
