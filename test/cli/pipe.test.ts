/** The command in a pipe: what becomes of lines and messages. */
import { afterEach, describe, expect, test } from 'vitest'
import { CLOSE, type RawConnection, serve, sparePort, TEXT } from '../faults/raw-server.js'
import { everopen, program, quick, start } from './command.js'
import { echoServer, type EchoServer, type EchoOptions } from './server.js'

const servers: { stop(): Promise<void> }[] = []
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())))

async function echo(options?: EchoOptions): Promise<EchoServer> {
  const server = await echoServer(options)
  servers.push(server)
  return server
}

/** Resolves when a number has not changed for a while: nothing tells that nothing happens. */
async function settled(read: () => number): Promise<void> {
  for (let before = NaN; before !== read();) {
    before = read()
    await new Promise((resolve) => setTimeout(resolve, 400))
  }
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `line ${i}`)

describe('lines and messages', () => {
  test('each line is a message, each message a line, and the rest goes to stderr', async () => {
    const server = await echo()
    const run = everopen([server.url, '--eof-wait', '-1'])
    run.stdin.end('one\ntwo\r\n\nthe läst')
    await run.seen(/the läst/)
    run.kill('SIGINT')
    await run.status
    expect(run.out).toBe('one\ntwo\n\nthe läst\n')
    expect(run.err).toMatch(/^everopen: connected to ws:\/\/127\.0\.0\.1:\d+\//)
    expect(server.messages).toEqual(['one', 'two', '', 'the läst'])
  })

  test('it ends when all is sent, with status 0 and a closing handshake', async () => {
    const server = await echo()
    const run = everopen([server.url], { input: numbers(10_000).join('\n') })
    expect(await run.status).toBe(0)
    expect(server.messages).toEqual(numbers(10_000))
    expect(server.codes).toEqual([1000])
  })

  test('an input without lines connects, and says whether it could', async () => {
    const server = await echo()
    expect(await everopen([server.url], { input: '' }).status).toBe(0)
    expect(server.codes).toEqual([1000])
  })

  test('-x sends in place of the input, and -w says how long to go on', async () => {
    const server = await echo()
    const run = everopen([server.url, '-x', 'one', '-x', 'two', '-w', '-1'])
    await run.seen(/two/)
    run.kill('SIGTERM')
    expect(await run.status).toBe(143)
    expect(run.out).toBe('one\ntwo\n')
    expect(await everopen([server.url, '-x', 'three', '-w', '0']).status).toBe(0)
    expect(server.messages).toEqual(['one', 'two', 'three'])
  })

  test('it goes on receiving for as long as --eof-wait says', async () => {
    const server = await echo({
      script: (socket) => socket.on('message', () => setTimeout(() => socket.send('late'), 50)),
    })
    const run = everopen([server.url, '--eof-wait', '2s'], { input: 'x\n' })
    await run.seen(/late/)
    expect(await run.status).toBe(0)
  })
})

describe('--hello', () => {
  test('is sent first on each connection, ahead of the lines that wait', async () => {
    let connections = 0
    const server = await echo({
      echo: false,
      script: (socket) => {
        connections++
        if (connections === 1) socket.once('message', () => socket.close(1001))
      },
    })
    const run = everopen([server.url, ...quick, '--hello', 'token', '--hello', 'subscribe'])
    await run.seen(/lost|closed|again/i)
    run.stdin.end('line\n')
    expect(await run.status).toBe(0)
    expect(server.messages).toEqual(['token', 'subscribe', 'token', 'subscribe', 'line'])
  })
})

describe('--drain', () => {
  test('bounds the wait for a server that is away', async () => {
    const run = everopen([`ws://127.0.0.1:${await sparePort()}`, ...quick, '--drain', '300ms'], {
      input: 'one\ntwo\n',
    })
    expect(await run.status).toBe(4)
    expect(run.err).toMatch(/2 messages? (was|were) not delivered/)
  })

  test('bounds it for more lines than may wait, and all of them count', async () => {
    const run = everopen([`ws://127.0.0.1:${sparePort()}`, ...quick, '--drain', '300ms'], {
      input: numbers(1_500).join('\n'),
    })
    expect(await run.status).toBe(4)
    expect(run.err).toMatch(/1500 messages were not delivered/)
  })

  test('what waits is sent after SIGTERM', async () => {
    const port = await sparePort()
    const run = everopen([`ws://127.0.0.1:${port}`, ...quick, '--drain', '30s', '-x', 'kept'])
    await run.seen(/refused|ECONNREFUSED|cannot|failed/i)
    run.kill('SIGTERM')
    const server = await echo({ port })
    expect(await run.status).toBe(143)
    expect(server.messages).toEqual(['kept'])
  })

  test('so is all that was read from the input, and no part of a line', async () => {
    const server = await echo({ echo: false })
    const run = everopen([server.url, '--drain', '30s'])
    const lines = numbers(3_000).map((line) => line.padEnd(2_000, '.'))
    run.stdin.write(lines.join('\n') + '\nonly a part')
    await expect.poll(() => server.messages).not.toEqual([])
    run.kill('SIGTERM')
    expect(await run.status).toBe(143)
    expect(server.messages).toEqual(lines.slice(0, server.messages.length))
    // one of which only a part had been read
    expect(run.err).not.toMatch(/messages were/)
  })
})

describe('binary', () => {
  // the last is a carriage return
  const bytes = Buffer.from([0, 1, 2, 0x80, 0xff, 0x0d])

  test('--binary sends lines as they are, and messages are written as they are', async () => {
    const server = await echo()
    const run = everopen([server.url, '--binary', '--eof-wait', '-1', '--json'])
    run.stdin.write(Buffer.concat([bytes, Buffer.from('\n')]))
    await run.seen(/"base64"/)
    expect(run.records().find(({ type }) => type === 'message')).toMatchObject({
      base64: bytes.toString('base64'),
    })
    expect(server.messages).toEqual([bytes])
    run.kill('SIGINT')
    await run.status
  })

  test('--base64 both ways; a line that is not base64 is reported, and the rest is sent', async () => {
    const server = await echo()
    const run = everopen([server.url, '--base64', '--eof-wait', '-1'])
    run.stdin.end(`${bytes.toString('base64')}\n*nonsense*\nAAEC\n`)
    await run.seen(/AAEC/)
    run.kill('SIGINT')
    await run.status
    expect(run.out).toBe(`${bytes.toString('base64')}\nAAEC\n`)
    expect(run.err).toMatch(/line 2 was not sent: it is not base64/)
    expect(run.err).toMatch(/1 message was not delivered/)
    expect(run.err).not.toContain('nonsense')
  })

  test('a line that is not UTF-8 is not sent as something else', async () => {
    const server = await echo()
    const run = everopen([server.url], { input: Buffer.from([0x61, 10, 0xff, 10, 0x62, 10]) })
    expect(await run.status).toBe(4)
    expect(server.messages).toEqual(['a', 'b'])
    expect(run.err).toMatch(/line 2 was not sent: it is not UTF-8/)
  })

  test('--raw adds nothing', async () => {
    const server = await echo()
    const run = everopen([server.url, '--raw', '--eof-wait', '-1'])
    run.stdin.end('one\ntwo\n')
    await run.seen(/onetwo/)
    run.kill('SIGINT')
    await run.status
    expect(run.out).toBe('onetwo')
  })
})

describe('while the server is away', () => {
  test('lines wait, and all arrive in order', async () => {
    const port = sparePort()
    const run = everopen([`ws://127.0.0.1:${port}`, ...quick], { input: numbers(5_000).join('\n') })
    await run.seen(/ECONNREFUSED[^]*dialing again/)
    const server = await echo({ port })
    expect(await run.status).toBe(0)
    expect(server.messages).toEqual(numbers(5_000))
  })

  test('the input waits while the outbox is full', async () => {
    const port = sparePort()
    const run = everopen([`ws://127.0.0.1:${port}`, ...quick])
    const line = 'x'.repeat(65_535)
    for (let i = 0; i < 256; i++) run.stdin.write(line + '\n')
    run.stdin.end()
    // enough attempts for any number of lines to be read
    await run.seen(/(dialing again[^]*){10}/)
    // 16 MiB were written; 1 MiB fits the outbox, and a little more the pipe
    expect(run.stdin.writableLength).toBeGreaterThan(12 * 2 ** 20)
    const server = await echo({ port, echo: false })
    expect(await run.status).toBe(0)
    expect(server.messages.length).toBe(256)
  })

  test('a message too large for the outbox waits too', async () => {
    const port = sparePort()
    const run = everopen([`ws://127.0.0.1:${port}`, ...quick], { input: 'y'.repeat(2 ** 21) + '\nlast\n' })
    await run.seen(/dialing again/)
    const server = await echo({ port, echo: false })
    expect(await run.status).toBe(0)
    expect(server.messages.map(({ length }) => length)).toEqual([2 ** 21, 4])
  })

  test('it stays connected through the ends of many connections', async () => {
    const server = await echo({
      // the ping asks whether the message has arrived
      script: (socket, n) => n < 4 && socket.on('ping', () => setTimeout(() => socket.terminate(), 20)),
    })
    const run = everopen([server.url, ...quick])
    for (let i = 0; i < 5; i++) {
      run.stdin.write(`message ${i}\n`)
      await run.seen(new RegExp(`message ${i}\n`))
      if (i < 4) await run.seen(new RegExp(`(disconnected[^]*){${i + 1}}`))
    }
    run.stdin.end()
    expect(await run.status).toBe(0)
    expect(server.messages).toEqual([0, 1, 2, 3, 4].map((i) => `message ${i}`))
  })
})

describe('what is lost is reported', () => {
  test('the server is gone for good', async () => {
    const server = await echo()
    const run = everopen([server.url, ...quick, '--retry-limit', '1'])
    await run.seen(/connected/)
    await server.stop()
    await run.seen(/disconnected/)
    run.stdin.write('one\ntwo\n')
    expect(await run.status).toBe(4)
    expect(run.err).toMatch(/gave up.*; 2 messages were not delivered/)
  })

  test('what was on its way when a connection died', async () => {
    const count = 2_000
    const server = await serve((connection, n) => {
      void connection.accept()
      // the first reads nothing: what is sent fills the buffers between, and is lost with them
      if (n === 0) void connection.request.then(() => connection.tcp.pause())
    })
    servers.push(server)
    const run = everopen([server.url, ...quick, '--json', '--no-compression'], {
      input: `${'z'.repeat(8_192)}\n`.repeat(count),
    })
    await run.seen(/"open"/)
    await settled(() => run.stdin.writableLength)
    server.connections[0]!.rst()
    expect(await run.status).toBe(4)
    const arrived = server.connections[1]!.frames.filter(({ opcode }) => opcode === TEXT).length
    const { undelivered, inDoubt } = run.records().at(-1) as { undelivered: number; inDoubt: number }
    expect(undelivered).toBe(0)
    expect(inDoubt).toBeGreaterThan(0)
    expect(arrived + inDoubt).toBe(count)
  })

  test('what was sent while the server was closing, even with 1000', async () => {
    const server = await serve((connection) => {
      // a ping that came before its Close would be answered: proof that the message arrived
      connection.answers = 'nothing'
      void connection.accept()
      void connection.frame(TEXT).then(async () => {
        connection.close(1000)
        await connection.frame(CLOSE)
        connection.tcp.end()
      })
    })
    servers.push(server)
    const run = everopen([server.url, '--no-retry', '-x', 'hello', '-w', '-1'])
    expect(await run.status).toBe(4)
    expect(run.err).toMatch(/1 message was on a connection that was lost/)
  })

  test('the last message, by a server that does not finish the closing handshake', async () => {
    const server = await serve((connection: RawConnection) => {
      connection.answers = 'nothing'
      void connection.accept()
    })
    servers.push(server)
    const run = everopen([server.url, '-x', 'hello', '-w', '0', '--close-timeout', '0.2'])
    expect(await run.status).toBe(4)
    expect(run.err).toMatch(/1 message was on a connection that was lost, and may not have arrived/)
  })
})

test('an input that cannot be read is reported, and ends the run in good order', async () => {
  const server = await echo()
  const command = `exec '${process.execPath}' '${program}' '${server.url}' --json 0> /dev/null`
  const run = start('sh', ['-c', command])
  expect(await run.status).toBe(4)
  const problem = expect.stringMatching(/^the rest of the input could not be read: E/) as string
  expect(run.records()).toContainEqual(expect.objectContaining({ type: 'input', problem }))
  expect(run.records().at(-1)).toMatchObject({ type: 'end', status: 4, undelivered: 1 })
  expect(server.codes).toEqual([1000])
})

test('an output that is not read stops the reading from the server', async () => {
  const size = 65_536
  const count = 1_000
  let sent = 0
  const server = await echo({
    perMessageDeflate: false,
    script: (socket) => {
      const more = (): void => void (sent < count && (sent++, socket.send('m'.repeat(size), more)))
      more()
    },
  })
  const run = everopen([server.url, '--eof-wait', '-1', '--no-heartbeat'], { reading: false })
  await run.seen(/connected/)
  await settled(() => sent)
  expect(sent).toBeLessThan(count)
  let bytes = 0
  run.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes === count * (size + 1)) run.kill('SIGINT')
  })
  expect(await run.status).toBe(130)
  expect(bytes).toBe(count * (size + 1))
})
