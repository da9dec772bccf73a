/**
 * Other people's clients with ReconnectingWebSocket in their slot, each in a process of its own: its server is killed
 * and started again in mid-run, softly and hard; its work goes on, one connection is left, and the process ends.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { findServers, missing } from '../../scripts/servers.mjs'
import { Relay } from './relay.js'

const programs = fileURLToPath(new URL('programs', import.meta.url))
const found = findServers()

interface Client {
  readonly client: string
  /** A program of ours, or the server of others. */
  readonly server: string
  /** A server that is there before the one in its place goes: no dial fails. */
  readonly restart?: 'without a gap'
}

const clients: readonly Client[] = [
  { client: 'graphql-ws', server: 'graphql-ws' },
  { client: 'graphql-ws', server: 'graphql-ws', restart: 'without a gap' },
  { client: 'y-websocket', server: 'y-websocket' },
  { client: 'mqtt', server: 'aedes' },
  { client: 'mqtt', server: 'mosquitto' },
  { client: 'nats', server: 'nats' },
  { client: 'trpc', server: 'trpc' },
  { client: 'socket.io', server: 'socket.io' },
  { client: 'signalr', server: 'signalr' },
  { client: 'ethers', server: 'ethers' },
  { client: 'phoenix', server: 'phoenix' },
  { client: 'centrifuge', server: 'centrifuge' },
]

/** Servers of others, and what is in their configuration. */
const configs = {
  nats: (port: number) => `port: -1\nwebsocket { host: "127.0.0.1", port: ${port}, no_tls: true }\n`,
  // Debian's, 2.0.11, starts with no listener that is not for WebSockets as if there were none at all
  mosquitto: (port: number, folder: string) =>
    [
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      'allow_anonymous true',
      `listener 0 ${path.join(folder, randomUUID())}`,
      `listener ${port} 127.0.0.1`,
      'protocol websockets\n',
    ].join('\n'),
}
const isOthers = (server: string): server is keyof typeof configs => server in configs

/** Starts the server on that port, and waits until it listens. */
async function serve(server: string, port: number, folder: string): Promise<ChildProcess> {
  let child: ChildProcess
  if (isOthers(server)) {
    const file = path.join(folder, 'config')
    writeFileSync(file, configs[server](port, folder))
    child = spawn(found[server]!, ['-c', file], { stdio: 'ignore' })
  } else
    child = spawn(process.execPath, [path.join(programs, `${server}.server.mjs`), String(port)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  onTestFinished(() => void child.kill('SIGKILL'))
  await expect.poll(() => listens(port), { interval: 20 }).toBe(true)
  return child
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => (socket.destroy(), resolve(true)))
    socket.on('error', () => resolve(false))
  })
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const exit = once(child, 'exit')
  child.kill(signal)
  await exit
}

describe('under other clients', () => {
  const titled = clients.map(
    (one) => [`${one.client}, with the server ${one.server} ${one.restart ?? ''}`.trim(), one] as const,
  )
  test.for(titled)('%s', async ([, { client, server, restart }], { skip }) => {
    if (isOthers(server) && !found[server]) skip(missing[server])
    const relay = await Relay.start()
    onTestFinished(() => relay.stop())
    const start = async (port: number): Promise<ChildProcess> => {
      const child = await serve(server, port, relay.folder)
      relay.target = port
      return child
    }
    let running = await start(await relay.freePort())

    const program = spawn(
      process.execPath,
      [path.join(programs, `${client}.client.mjs`), `ws://127.0.0.1:${relay.port}`, restart ?? ''],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    )
    onTestFinished(() => void program.kill('SIGKILL'))
    let did = 0
    let err = ''
    program.stdout.on('data', (data) => (did += String(data).match(/^did/gm)?.length ?? 0))
    program.stderr.on('data', (data) => (err += data))
    const exit = once(program, 'exit')
    const more = async (): Promise<void> => {
      const before = did
      await expect.poll(() => did > before + 2 || program.exitCode !== null, { interval: 10 }).toBe(true)
      expect([program.exitCode, err]).toEqual([null, ''])
    }

    await more()
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const old = running
      if (restart === 'without a gap') running = await start(await relay.freePort())
      await end(old, signal)
      if (restart === undefined) running = await start(relay.target)
      await more()
    }
    await expect.poll(() => relay.connections).toBe(1)
    program.stdin.end('end')
    expect([await exit, err]).toEqual([[0, null], ''])
    expect(relay.connections).toBe(0)
  })
})
