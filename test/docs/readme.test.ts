/** What README.md promises of its samples. That with a heartbeat: heartbeat.test.ts. */
import { describe, expect, test } from 'vitest'
import { type RawConnection, TEXT } from '../faults/raw-server.js'
import { AT_ONCE, closing, gone, listen, play, WAITS } from './sample.js'

describe('Install', () => {
  test('import: a message waits for a connection, and a failed attempt is reported', async () => {
    const server = await listen((connection, n) => {
      if (n > 0) return
      void connection.refuse(503).then(() => connection.fin())
    })
    const sample = play('README.md', 1, server, { before: AT_ONCE })
    const connection = await server.connection(1)
    await connection.request
    await sample.prints(/HTTP 503/)
    expect(await sample.ask('socket.outbox.list()')).toEqual(['hello'])
    await connection.accept()
    await connection.frame(TEXT)
    connection.send('news')
    await sample.prints('news')
    expect(connection.texts).toEqual(['hello'])
  })

  test('require: the answer closes it, and the process ends', async () => {
    const server = await listen()
    const sample = play('README.md', 2, server)
    const connection = await server.connection(0)
    await connection.frame(TEXT)
    connection.send('news')
    expect(await closing(connection)).toEqual([1000, 'done'])
    expect(await sample.ended).toEqual({ status: 0, errors: '' })
  })

  test('in place of WebSocket: it says hello on each connection', async () => {
    const server = await listen()
    const sample = play('README.md', 3, server, { before: AT_ONCE })
    for (const n of [0, 1]) {
      const connection = await server.connection(n)
      await connection.frame(TEXT)
      expect(connection.texts).toEqual(['hello'])
      connection.send(`news ${n}`)
      await sample.prints(`news ${n}`)
      connection.rst()
    }
  })
})

test('the connection state is shown, with the time until the next attempt', async () => {
  const server = await listen()
  // the first retry comes after a tenth of 4 s
  const sample = play('README.md', 4, server, { before: 'Math.random = () => 0.1\n' })
  await sample.prints('connected')
  ;(await server.connection(0)).rst()
  await sample.prints('connected', 2)
  await sample.ask('socket.close()')
  await sample.ended
  const waits = sample.lines.map((line) => Number(/^attempt 1 in (\d+) ms$/.exec(line)?.[1] ?? 0))
  expect(waits.filter(Boolean)).toHaveLength(1)
  expect(Math.max(...waits)).toBeLessThanOrEqual(400)
  const shown = sample.lines.map((line) => line.replace(/ in .*/, ''))
  expect(shown.filter((line, i) => line !== shown[i - 1])).toEqual([
    'connecting',
    'connected',
    'attempt 1',
    'connecting',
    'connected',
    'closing',
    'closed',
  ])
})

describe('log in first', () => {
  const fetching = {
    change: { '(signal) => `token-${signal.aborted}`': '() => `token ${++tokens}`' },
    before: 'let tokens = 0\n',
  }

  test('a fresh token goes first on each connection, and the rest waits for the confirmation', async () => {
    const server = await listen()
    const sample = play('README.md', 5, server, { ...fetching, before: fetching.before + AT_ONCE })
    for (const n of [0, 1]) {
      const connection = await server.connection(n)
      await connection.frame(TEXT)
      expect(await sample.ask('socket.send(`message ${tokens}`)')).toBe('queued')
      expect(connection.texts).toEqual([`token ${n + 1}`])
      connection.send('welcome')
      await connection.frame(TEXT, 2)
      expect(connection.texts).toEqual([`token ${n + 1}`, `message ${n + 1}`])
      connection.rst()
    }
  })

  test.each([
    ['3000', (connection: RawConnection) => void connection.accept().then(() => connection.close(3000))],
    ['HTTP 401', (connection: RawConnection) => void connection.refuse(401).then(() => connection.fin())],
  ])('refused with %s it tries once more, at once, and then stops', async (_, refuse) => {
    const server = await listen(refuse)
    const sample = play('README.md', 5, server, { ...fetching, before: fetching.before + WAITS })
    expect(await sample.ended).toEqual({ status: 0, errors: '' })
    expect(sample.lines).toEqual(['waited 0 ms'])
    expect(server.connections).toHaveLength(2)
  })
})

describe('send while offline', () => {
  test('beyond the bound the oldest message is dropped and reported', async () => {
    const server = await listen(() => {})
    const sample = play('README.md', 7, server, { change: { '1_000': '2' } })
    await sample.prints('queued')
    await sample.ask("socket.send('two'), socket.send('three')")
    await sample.prints('not sent hello overflow')
    const connection = await server.connection(0)
    await connection.accept()
    await connection.frame(TEXT, 2)
    expect(connection.texts).toEqual(['two', 'three'])
  })

  test('a message that is too old is dropped and reported', async () => {
    const sample = play('README.md', 7, await gone(), { change: { '60_000': '50' } })
    await sample.prints('not sent hello expired')
    expect(sample.lines).toEqual(['queued', 'not sent hello expired'])
  })
})

describe('close', () => {
  test('everything is sent first, then the process ends', async () => {
    const server = await listen()
    const sample = play('README.md', 8, server)
    const connection = await server.connection(0)
    expect(await closing(connection)).toEqual([1000, 'done'])
    expect(connection.texts).toEqual(['goodbye'])
    expect(await sample.ended).toEqual({ status: 0, errors: '' })
    expect(sample.lines).toEqual(['user'])
  })

  test('where that is not possible in time it throws a DrainError', async () => {
    const sample = play('README.md', 8, await gone(), { change: { '5_000': '200' } })
    const { status, errors } = await sample.ended
    expect(status).toBe(1)
    expect(errors).toMatch(/^DrainError: .*timed out after 200 ms/m)
  })
})
