/** What docs/recipes/shutdown.md promises of a worker that gets SIGTERM with messages waiting. */
import { describe, expect, test } from 'vitest'
import { closing, gone, listen, play, type Sample } from '../sample.js'

const DRAIN = '8_000'

describe('the worker', () => {
  /** Runs it until it has made some readings. */
  async function start(server: { readonly port: number }, timeout = DRAIN): Promise<Sample> {
    const sample = play('docs/recipes/shutdown.md', 1, server, {
      change: { [DRAIN]: timeout },
      before: `
        const ready = setInterval(() => readings > 4 && (clearInterval(ready), console.log('ready')), 1)
        process.on('SIGTERM', () => console.log('stopped at', readings))
      `,
    })
    await sample.prints('ready')
    return sample
  }

  /** Sends the signal. Returns how many readings there were then. */
  async function terminate(worker: Sample): Promise<number> {
    worker.signal('SIGTERM')
    await worker.prints(/^stopped at/)
    return Number(/\d+/.exec(worker.lines[1]!))
  }

  const readings = (count: number): string[] => Array.from({ length: count }, (_, i) => `reading ${i + 1}`)

  test('everything arrives that was sent before SIGTERM, and the process ends well', async () => {
    // it takes the connection, and answers the handshake only when the signal has come
    const server = await listen(() => {})
    const worker = await start(server)
    const connection = await server.connection(0)
    await connection.request
    const count = await terminate(worker)
    await connection.accept()
    expect(await closing(connection)).toEqual([1000, 'shutdown'])
    expect(connection.texts).toEqual(readings(count))
    expect(await worker.ended).toEqual({ status: 0, errors: '' })
  })

  test('also where the server is away meanwhile: the worker does not wait until it may come back', async () => {
    const server = await listen((connection, n) => {
      if (n > 0) void connection.accept()
    })
    const worker = await start(server, '60_000')
    const connection = await server.connection(0)
    await connection.request
    const count = await terminate(worker)
    await connection.refuse(503, ['Retry-After: 200'])
    connection.fin()
    const next = await server.connection(1)
    expect(await closing(next)).toEqual([1000, 'shutdown'])
    expect(next.texts).toEqual(readings(count))
    expect(await worker.ended).toEqual({ status: 0, errors: '' })
  })

  test('where the server is gone it says what is left, in time, and ends with 1', async () => {
    const worker = await start(await gone(), '300')
    const count = await terminate(worker)
    const bytes = readings(count).join('').length
    const errors = `not sent: ${count} messages, ${bytes} bytes\n`
    expect(await worker.ended).toEqual({ status: 1, errors })
  })
})

describe('close() with a time to drain', () => {
  test('sends what waits, and then closes', async () => {
    const server = await listen()
    const sample = play('docs/recipes/shutdown.md', 2, server)
    const connection = await server.connection(0)
    expect(await closing(connection)).toEqual([1000, 'shutdown'])
    expect(connection.texts).toEqual(['goodbye'])
    expect(await sample.ended).toEqual({ status: 0, errors: '' })
    expect(sample.lines).toEqual(['user 0'])
  })

  test('is silent where the server is gone: only the outbox shows what is left', async () => {
    const change = { 'await socket.opened\n': '', [DRAIN]: '100' }
    const sample = play('docs/recipes/shutdown.md', 2, await gone(), { change })
    expect(await sample.ended).toEqual({ status: 0, errors: '' })
    expect(sample.lines).toEqual(['user 1'])
  })
})
