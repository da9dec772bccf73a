/** What docs/receiving.md promises, and docs/recipes/svelte.md of the same. */
import { describe, expect, test } from 'vitest'
import { encode, TEXT } from '../faults/raw-server.js'
import { closing, listen, play } from './sample.js'

const PAGE = 'docs/receiving.md'

test('on() returns what removes the listener', async () => {
  const server = await listen()
  const sample = play(PAGE, 1, server)
  const connection = await server.connection(0)
  await connection.frame(TEXT)
  await sample.ask("socket.on('message', (data) => console.log('also', data))")
  for (const text of ['one', 'two']) connection.send(text)
  await sample.prints('also two')
  expect(sample.lines).toEqual(['one', 'also one', 'also two'])
})

test('for await: nothing is missed after `opened`, and the end of the block closes the socket', async () => {
  const server = await listen((connection) => {
    // in one packet with the acceptance
    void connection.accept({ after: encode(TEXT, Buffer.from('welcome')) })
  })
  const sample = play(PAGE, 2, server)
  const connection = await server.connection(0)
  await closing(connection)
  expect(connection.texts).toEqual(['hello'])
  expect(await sample.ended).toEqual({ status: 0, errors: '' })
  expect(sample.lines).toEqual(['welcome'])
})

describe('showing the state', () => {
  test('each change is shown, and the time until the next attempt is counted down', async () => {
    const server = await listen((connection) => void connection.refuse(503).then(() => connection.fin()))
    const before = 'Math.random = () => 0.9\n'
    const sample = play(PAGE, 3, server, { change: { '1_000)': '10)' }, before })
    await sample.prints(/^connecting waiting 1 in \d+ ms$/, 3)
    await sample.ask('socket.close()')
    expect(await sample.ended).toEqual({ status: 0, errors: '' })
    const shown = sample.lines
      .map((line) => Number(/waiting 1 in (\d+) ms/.exec(line)?.[1] ?? -1))
      .filter((ms) => ms >= 0)
    expect(shown).toEqual([...shown].sort((a, b) => b - a))
    expect(shown[0]).toBeGreaterThan(shown.at(-1)!)
    expect(sample.lines.at(-1)).toMatch(/^closed/)
  })

  test('in a store of Svelte, whose subscribers hear the present state first', async () => {
    const server = await listen()
    const sample = play('docs/recipes/svelte.md', 1, server)
    await (await server.connection(0)).frame(TEXT)
    await sample.ask("statusOf(socket).subscribe(({ state }) => console.log('now', state))(), ''")
    await sample.prints('now open')
    await sample.ask('socket.close()')
    expect(await sample.ended).toEqual({ status: 0, errors: '' })
    const states = sample.lines.filter((line, i) => line !== sample.lines[i - 1])
    expect(states).toEqual(['connecting', 'open', 'now open', 'closing', 'closed'])
  })
})
