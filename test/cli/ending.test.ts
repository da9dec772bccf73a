/** How the command ends: signals, an output that is gone, and what it says of itself. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { type RawConnection, serve, sparePort } from '../faults/raw-server.js'
import { everopen, program, quick, start } from './command.js'
import { echoServer, type EchoOptions, type EchoServer } from './server.js'

const servers: { stop(): Promise<void> }[] = []
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())))

async function echo(options?: EchoOptions): Promise<EchoServer> {
  const server = await echoServer(options)
  servers.push(server)
  return server
}

describe('Ctrl-C', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('once: %s closes in good order, status %i', async (signal, status) => {
    const server = await echo()
    const run = everopen([server.url])
    await run.seen(/connected/)
    run.kill(signal)
    expect(await run.status).toBe(status)
    expect(run.err).toMatch(/disconnected: 1000/)
    expect(server.codes).toEqual([1000])
  })

  test('twice ends at once, whatever the server does', async () => {
    const server = await serve((connection: RawConnection) => {
      connection.answers = 'nothing'
      void connection.accept()
    })
    servers.push(server)
    const run = everopen([server.url, '-v', '-v', '--close-timeout', '10m'])
    await run.seen(/connected/)
    run.kill('SIGINT')
    await run.seen(/open → closing/)
    run.kill('SIGINT')
    expect(await run.status).toBe(130)
  })

  test('while nobody listens, and it tells what was not delivered', async () => {
    const run = everopen([`ws://127.0.0.1:${sparePort()}`, ...quick])
    run.stdin.write('one\ntwo\n')
    await run.seen(/(dialing again[^]*){5}/)
    run.kill('SIGINT')
    expect(await run.status).toBe(130)
    expect(run.err).toMatch(/2 messages were not delivered/)
  })
})

test('an output that nobody reads any more ends it', async () => {
  const server = await echo()
  const run = everopen([server.url])
  await run.seen(/connected/)
  run.stdout.destroy()
  // the first finds out
  run.stdin.write('one\n')
  expect(await run.status).toBe(141)
  expect(server.codes).toEqual([1000])
})

describe.skipIf(!existsSync('/dev/full'))('an output that cannot be written (needs /dev/full)', () => {
  const full = (...args: string[]) =>
    start('sh', ['-c', `exec '${process.execPath}' '${program}' ${args.join(' ')} > /dev/full`])

  test('ends it with a status of its own, and the reason', async () => {
    const server = await echo()
    const run = full(server.url, '-q', '-x', 'hello', '-w', '-1')
    expect(await run.status).toBe(5)
    expect(run.err).toBe('everopen: the output cannot be written: ENOSPC\n')
    expect(server.codes).toEqual([1000])
  })

  test('even if it is found out at the end', async () => {
    const run = full('--version')
    expect(await run.status).toBe(5)
    expect(run.err).toMatch(/ENOSPC/)
  })
})

test('diagnostics that nobody reads any more end nothing', async () => {
  const server = await echo()
  const run = everopen([server.url, '-vv'])
  await run.seen(/connected/)
  run.stderr.destroy()
  for (const client of server.clients) client.close(1001)
  // what is said of that goes nowhere, and what is sent then is echoed
  run.stdin.write('one\n')
  await run.seen(/one\n/)
  run.stdin.end()
  expect(await run.status).toBe(0)
  expect(run.out).toBe('one\n')
})

describe('status', () => {
  test('3: the server says not to come back', async () => {
    const server = await echo({ script: (socket) => socket.close(1008, 'no') })
    const run = everopen([server.url])
    expect(await run.status).toBe(3)
    expect(run.err).toMatch(/the server closed with 1008/)
  })

  test('1: the server refuses', async () => {
    const server = await serve((connection) => {
      void connection.refuse(404, ['Content-Length: 0']).then(() => connection.tcp.end())
    })
    servers.push(server)
    const run = everopen([server.url])
    expect(await run.status).toBe(1)
    expect(run.err).toMatch(/the server answered the handshake with HTTP 404/)
  })

  test('4: a message is left, though no connection was ever open', async () => {
    const run = everopen([`ws://127.0.0.1:${sparePort()}`, ...quick, '--retry-for', '300ms', '-x', 'hello'])
    expect(await run.status).toBe(4)
    expect(run.err).toMatch(/1 message was not delivered/)
  })

  test('0: the server answers, and closes with 1000', async () => {
    const server = await echo({ script: (socket) => socket.on('message', () => socket.close(1000)) })
    const run = everopen([server.url, '--no-retry', '-x', 'hello', '-w', '-1'])
    expect(await run.status).toBe(0)
    expect(run.out).toBe('hello\n')
  })

  test.each([
    [[], /a URL is missing/],
    [['ws://x', '--close-every', '1'], /--close-every needs --listen/],
    [['--listen', '0', 'ws://x'], /--listen does not take a URL/],
    [['--listen', '0', '-x', 'hello'], /--execute cannot be used with --listen/],
    [['--listen', '0', '--no-retry'], /--retry cannot be used with --listen/],
    [['--listen', '0', '--connect-timeout', '1'], /--connect-timeout cannot be used with --listen/],
    [['--listen', '0', '--close-code', '1001'], /--close-code needs --close-every/],
    [['--listen', '0', '--close-every', '1', '--close-code', '1005'], /--close-code must be/],
    [['--listen', '0', '--cert', 'x'], /--cert and --key must be used together/],
    [['ws://x', '--binary', '--base64'], /cannot be used together/],
    [['ws://x', '--json', '--raw'], /cannot be used together/],
    [['ws://x', '--eof-wait', 'soon'], /--eof-wait must be seconds/],
    [['ws://x', '--connect-timeout', '0'], /--connect-timeout must be more than 0/],
    [['ws://x', '--max-payload', '0'], /--max-payload must be/],
    [['ws://x', '--ca', '/nonexistent'], /--ca: the file cannot be read \(ENOENT\)/],
    [['ws://x', '--header'], /argument missing/],
  ])('2: %j', async (args, message) => {
    const run = everopen(args)
    expect(await run.status).toBe(2)
    expect(run.err).toMatch(message)
    expect(run.out).toBe('')
  })
})

describe('help', () => {
  test('--help names every option, with examples and statuses', async () => {
    const run = everopen(['--help'])
    expect(await run.status).toBe(0)
    expect(run.out).toMatch(/^Usage: everopen \[options\] <url\.\.\.>/)
    expect(run.out).toMatch(/Examples:[^]*--listen[^]*Exit status:/)
  })

  test.each([
    ['option', /(?<![\w-])--[a-z][\w-]+/g],
    ['kind of proxy', /\b(?:http|socks)\w*:/g],
    ['way to follow a log', /\btail -\w/g],
  ])('docs/command.md tells of every %s that --help has, and of no other', async (_, pattern) => {
    const run = everopen(['--help'])
    await run.status
    const listed = (text: string): string[] => [...new Set(text.match(pattern))].sort()
    const page = readFileSync(new URL('../../docs/command.md', import.meta.url), 'utf8')
    expect(listed(page)).toEqual(listed(run.out))
  })

  test('--version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
    const run = everopen(['--version'])
    expect(await run.status).toBe(0)
    expect(run.out).toBe(`${version}\n`)
  })
})

test('an error of the command’s own is not hidden', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'everopen-'))
  const broken = path.join(folder, 'broken.cjs')
  const get = `get() { throw new Error('broken within') }`
  writeFileSync(broken, `Object.defineProperty(process.stdin, 'isTTY', { ${get} })`)
  const run = everopen(['ws://127.0.0.1:1'], { env: { NODE_OPTIONS: `--require ${broken}` } })
  expect(await run.status).toBe(1)
  expect(run.err).toMatch(/broken within/)
  rmSync(folder, { recursive: true })
})
