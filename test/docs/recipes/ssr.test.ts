/** What docs/recipes/ssr.md promises. */
import { expect, test } from 'vitest'
import { listen, play } from '../sample.js'

const PAGE = 'docs/recipes/ssr.md'

test('while rendering it resolves no URL, connects to nothing and keeps no process alive', async () => {
  const sample = play(PAGE, 1)
  expect(await sample.ended).toEqual({ status: 0, errors: '' })
  expect(sample.lines).toEqual(['idle'])
})

test('in the page it connects', async () => {
  const { port } = await listen()
  const change = { "'/feed'": `'ws://127.0.0.1:${port}/feed'` }
  const sample = play(PAGE, 1, undefined, { change, before: 'globalThis.document = {}\n' })
  await sample.prints('connecting')
  await sample.ask('socket.opened.then(() => {})')
})
