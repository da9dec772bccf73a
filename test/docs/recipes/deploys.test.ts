/** What docs/recipes/deploys.md promises of a server that restarts. */
import { expect, onTestFinished, test } from 'vitest'
import { type LogRecord, ReconnectingSocket } from '../../../src/index.js'
import { play } from '../sample.js'

test('on SIGTERM its clients are told when to come back, and it ends', async () => {
  // the signal is the test's
  const change = {
    "process.kill(process.pid, 'SIGTERM')":
      "server.on('listening', () => console.log(server.address().port))",
  }
  const server = play('docs/recipes/deploys.md', 1, undefined, { change })
  await server.prints(/^\d+$/)
  const waits: number[] = []
  const log = (record: LogRecord): void => {
    if (record.type === 'transition' && record.dialIn !== undefined) waits.push(record.dialIn)
  }
  const clients = Array.from(
    { length: 20 },
    () => new ReconnectingSocket(`ws://127.0.0.1:${server.lines[0]}`, { log }),
  )
  onTestFinished(() => clients.forEach((client) => client.close()))
  await Promise.all(clients.map(({ opened }) => opened))
  server.signal('SIGTERM')
  await Promise.all(clients.map((client) => new Promise((resolve) => client.on('close', resolve))))
  expect(clients.map(({ snapshot }) => snapshot.lastEnd?.code)).toEqual(clients.map(() => 1001))
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(1_000)
  expect(Math.max(...waits)).toBeLessThanOrEqual(5_000)
  expect(new Set(waits).size).toBeGreaterThan(10)
  expect(await server.ended).toEqual({ status: 0, errors: '' })
})
