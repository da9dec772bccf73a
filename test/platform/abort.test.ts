/** Listening to an AbortSignal in a page. */
import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { onAbort } from '../../src/platform/abort.js'

test('each calls back once, and not after it was undone', () => {
  const controller = new AbortController()
  const { signal } = controller
  const called: string[] = []
  onAbort(signal, () => {
    called.push('first')
    undo()
  })
  const undo = onAbort(signal, () => void called.push('second'))
  onAbort(signal, () => void called.push('third'))()
  expect(getEventListeners(signal, 'abort').length).toBe(2)
  controller.abort()
  controller.abort()
  expect(called).toEqual(['first'])
})
