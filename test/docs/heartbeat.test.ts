/** What the pages promise of a heartbeat with a message. */
import { describe, expect, test } from 'vitest'
import { TEXT } from '../faults/raw-server.js'
import { listen, play, WAITS } from './sample.js'

const samples = [
  ['README.md', 6, '{'],
  ['docs/heartbeat.md', 1, '{ interval: 20_000, timeout: 5_000,'],
  ['docs/retrying.md', 4, '{ interval: 20_000, timeout: 5_000,'],
  ['docs/recipes/balancers.md', 1, '{ interval: 25_000,'],
  ['docs/recipes/extensions.md', 1, '{ interval: 20_000,'],
] as const

/** Shortens the times of a sample. */
const quick = (text: string, timeout: number) => ({
  [`heartbeat: ${text}`]: `heartbeat: { interval: 20, timeout: ${timeout},`,
})

test.each(samples)('%s: it asks one interval after each answer, which is no message', async (page, ...of) => {
  const [number, text] = of
  const server = await listen()
  const sample = play(page, number, server, { change: quick(text, 60_000) })
  const connection = await server.connection(0)
  await sample.ask("socket.on('message', (data) => console.log('got', data))")
  const asked = (): number => connection.texts.filter((text) => text === 'ping').length
  for (const count of [1, 2, 3]) {
    await expect.poll(asked).toBe(count)
    connection.send('pong')
  }
  connection.send('news')
  await sample.prints('got news')
  expect(sample.lines).not.toContain('got pong')
})

describe('docs/heartbeat.md', () => {
  const [page, number, text] = samples[1]

  test('an answer is measured, and whatever comes counts as a sign of life', async () => {
    const server = await listen()
    const sample = play(page, number, server, { change: quick(text, 1_000) })
    const connection = await server.connection(0)
    // after `hello`
    await connection.frame(TEXT, 2)
    connection.send('pong')
    await sample.prints(/^answered after [\d.]+ ms$/)
    await connection.frame(TEXT, 3)
    connection.send('news')
    await connection.frame(TEXT, 4)
    expect(connection.texts).toEqual(['hello', 'ping', 'ping', 'ping'])
    expect(server.connections).toHaveLength(1)
  })

  test('without an answer the connection is replaced, after the short backoff', async () => {
    const server = await listen()
    const before = `Math.random = () => 0.5\n${WAITS}`
    const sample = play(page, number, server, { change: quick(text, 50), before })
    await server.connection(1)
    expect(await sample.ask('socket.snapshot.lastEnd.cause.code')).toBe('ERR_HEARTBEAT')
    await sample.ask('socket.terminate()')
    await sample.ended
    const [waited] = /\d+/.exec(sample.lines.at(-1)!)!
    expect(Number(waited)).toBeGreaterThan(0)
    expect(Number(waited)).toBeLessThanOrEqual(250)
  })
})
