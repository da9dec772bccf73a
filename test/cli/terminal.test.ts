/** The command at a terminal: `script`, of util-linux, gives it one. */
import { spawnSync } from 'node:child_process'
import { afterEach, describe, expect, test } from 'vitest'
import { sparePort } from '../faults/raw-server.js'
import { program, quick, type Run, start } from './command.js'
import { echoServer, type EchoOptions, type EchoServer } from './server.js'

const { stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' })
/** The script command of other systems has other options. */
const hasTerminal = /util-linux/.test(stdout ?? '')

const runs: Run[] = []
const servers: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const run of runs.splice(0)) run.kill('SIGKILL')
  await Promise.all(servers.splice(0).map((server) => server.stop()))
})

async function echo(options?: EchoOptions): Promise<EchoServer> {
  const server = await echoServer(options)
  servers.push(server)
  return server
}

/** Everything it writes is in `all`, as the terminal gets it. */
function terminal(args: readonly string[], env: Record<string, string> = {}): Run {
  const command = [process.execPath, program, ...args].map((arg) => `'${arg}'`).join(' ')
  const run = start('script', ['-qefc', command, '/dev/null'], {
    env: { TERM: 'xterm', SHELL: '/bin/sh', ...env },
  })
  runs.push(run)
  return run
}

const CTRL_C = '\x03'
const CTRL_D = '\x04'
const UP = '\x1b[A'

describe.skipIf(!hasTerminal)('a terminal (needs script, of util-linux)', () => {
  test('a prompt with the state, messages above it, and /quit', async () => {
    const server = await echo()
    const run = terminal([server.url])
    await run.seen(/connecting.*>/)
    await run.seen(/connected to[^]*open\S*> /)
    run.stdin.write('hello\r')
    await run.seen(/\r< hello\r\n|0J< hello\r\n/)
    run.stdin.write('//slash\r')
    await run.seen(/< \/slash/)
    run.stdin.write('/quit\r')
    expect(await run.status).toBe(0)
    expect(server.messages).toEqual(['hello', '/slash'])
    expect(server.codes).toEqual([1000])
  })

  test('history: the line before, by the arrow', async () => {
    const server = await echo()
    const run = terminal([server.url])
    await run.seen(/open\S*> /)
    run.stdin.write('again\r')
    await run.seen(/< again/)
    run.stdin.write(`${UP}\r`)
    await run.seen(/< again[^]*< again/)
    run.stdin.write(CTRL_D)
    expect(await run.status).toBe(0)
    expect(server.messages).toEqual(['again', 'again'])
  })

  test('a line that is being typed stays whole when a message comes', async () => {
    const server = await echo()
    const run = terminal([server.url])
    await run.seen(/open\S*> /)
    run.stdin.write('half')
    await run.seen(/half/)
    for (const client of server.clients) client.send('interjected')
    // the prompt comes again, with what has been typed
    await run.seen(/< interjected\r\n[^]*open\S*> half/)
    run.stdin.write(' whole\r')
    await run.seen(/< half whole/)
    expect(server.messages).toEqual(['half whole'])
  })

  test('the countdown to the next dial is shown in place, and a message waits', async () => {
    const port = sparePort()
    const run = terminal([`ws://127.0.0.1:${port}`, '--backoff', 'constant', '--backoff-base', '1s'])
    await run.seen(/retry in 1\.0 s[^]*retry in 0\.[1-8] s/)
    expect(run.all).not.toContain('dialing again')
    run.stdin.write('patience\r')
    await run.seen(/, 1 waiting/)
    const server = await echo({ port })
    await run.seen(/< patience/)
    run.stdin.write('/quit\r')
    expect(await run.status).toBe(0)
    expect(server.messages).toEqual(['patience'])
  })

  test('/ping, /status, /reconnect, /close, /connect and /help', async () => {
    const server = await echo()
    const run = terminal([server.url])
    await run.seen(/open\S*> /)
    run.stdin.write('/ping\r')
    await run.seen(/answered after [\d.]+ ms/)
    run.stdin.write('/status\r')
    await run.seen(/state: open\r\nendpoint: ws:/)
    run.stdin.write('/reconnect 4000 again\r')
    await run.seen(/reconnected to/)
    run.stdin.write('/close 4001 enough\r')
    await run.seen(/closed\S*> /)
    run.stdin.write('/status\r')
    await run.seen(/last end: 4001 "enough" by user/)
    run.stdin.write('to nobody\r')
    await run.seen(/not sent: not connected; type \/connect first/)
    run.stdin.write('/connect\r')
    await run.seen(/(?<!re)connected to[^]*(?<!re)connected to/)
    run.stdin.write('/close 999\r')
    await run.seen(/code must be 1000 or from 3000 to 4999/)
    run.stdin.write('/help\r')
    await run.seen(/\/quit +close and exit/)
    run.stdin.write('/nonsense\r')
    await run.seen(/\/nonsense is unknown/)
    run.stdin.write(CTRL_D)
    expect(await run.status).toBe(0)
    expect(server.codes).toEqual([4000, 4001, 1000])
  })

  test('/status while it is connecting, and after an end; /ping where there is none', async () => {
    const port = sparePort()
    const run = terminal([`ws://127.0.0.1:${port}`, '--no-heartbeat', '--backoff', 'constant'])
    await run.seen(/retry in/)
    run.stdin.write('/ping\r')
    await run.seen(/not connected/)
    run.stdin.write('/status\r')
    await run.seen(/state: connecting \(waiting\)[^]*last end: 1006 by network/)
    await echo({ port })
    run.stdin.write('/reconnect\r')
    await run.seen(/connected to/)
    run.stdin.write('/ping\r')
    await run.seen(/there are no pings, by --no-heartbeat/)
    run.stdin.write('/quit\r')
    expect(await run.status).toBe(0)
  })

  test('what a message holds cannot move the cursor', async () => {
    const server = await echo({ script: (socket) => socket.send('\x1b[2J\x07gone\u202e') })
    const run = terminal([server.url])
    await run.seen(/gone/)
    expect(run.all).toContain('< \\u001b[2J\\u0007gone\\u202e')
    expect(run.all).not.toContain('\x1b[2J')
  })

  test('Ctrl-C once closes in good order, status 130', async () => {
    const server = await echo()
    const run = terminal([server.url])
    await run.seen(/open\S*> /)
    run.stdin.write(CTRL_C)
    expect(await run.status).toBe(130)
    expect(server.codes).toEqual([1000])
  })

  test('/quit while a message waits: it is told, and nothing is waited for', async () => {
    const run = terminal([`ws://127.0.0.1:${sparePort()}`, ...quick])
    await run.seen(/retry in/)
    run.stdin.write('too late\r')
    await run.seen(/, 1 waiting/)
    run.stdin.write('/quit\r')
    expect(await run.status).toBe(4)
    expect(run.all).toMatch(/1 message was not delivered/)
  })

  test('a connection that is over for good can be made again', async () => {
    const server = await echo({ script: (socket, n) => n === 0 && socket.close(1008) })
    const run = terminal([server.url])
    await run.seen(/disconnected: 1008[^]*closed\S*> /)
    run.stdin.write('/reconnect\r')
    await run.seen(/open\S*> /)
    run.stdin.write('/quit\r')
    expect(await run.status).toBe(0)
  })

  test.each([
    ['colours', [], {}, true],
    ['none by NO_COLOR', [], { NO_COLOR: '1' }, false],
    ['an empty NO_COLOR is none', [], { NO_COLOR: '' }, true],
    ['none by --no-color', ['--no-color'], {}, false],
    ['none on a dumb terminal', [], { TERM: 'dumb' }, false],
  ] as [string, string[], Record<string, string>, boolean][])('%s', async (_, args, env, coloured) => {
    const server = await echo()
    const run = terminal([server.url, ...quick, ...args], env)
    await run.seen(/open\S*> ?/)
    run.stdin.write(CTRL_D)
    await run.status
    expect(/\x1b\[\d*m/.test(run.all)).toBe(coloured)
  })

  test('a terminal without an output of its own is a pipe', async () => {
    const server = await echo()
    const command = `'${process.execPath}' '${program}' '${server.url}' | cat`
    const run = start('script', ['-qefc', command, '/dev/null'], { env: { TERM: 'xterm', SHELL: '/bin/sh' } })
    runs.push(run)
    await run.seen(/connected/)
    run.stdin.write('hello\r')
    await run.seen(/\nhello\r\n[^]*|hello\r\nhello\r\n/)
    run.stdin.write(CTRL_D)
    await run.status
    expect(run.all).not.toContain('open>')
  })
})
