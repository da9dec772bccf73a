/**
 * Other people's clients with ReconnectingWebSocket in their slot, each in a process of its own: its server is killed
 * and started again in mid-run, softly and hard; its work goes on, one connection is left, and the process ends.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { findServers, missing } from '../../scripts/servers.mjs'
import { Relay } from './relay.js'

const programs = fileURLToPath(new URL('programs', import.meta.url))
const found = findServers()

interface Client {
  readonly client: string
  /** A program of ours, or the server of others. */
  readonly server: string
}

const clients: readonly Client[] = [
  { client: 'graphql-ws', server: 'graphql-ws' },
  { client: 'y-websocket', server: 'y-websocket' },
  { client: 'mqtt', server: 'aedes' },
  { client: 'nats', server: 'nats' },
  { client: 'trpc', server: 'trpc' },
  { client: 'socket.io', server: 'socket.io' },
  { client: 'signalr', server: 'signalr' },
  { client: 'ethers', server: 'ethers' },
  { client: 'phoenix', server: 'phoenix' },
  { client: 'centrifuge', server: 'centrifuge' },
]

const configs: Readonly<Record<string, (port: number) => string>> = {
  nats: (port) => `port: -1\nwebsocket { host: "127.0.0.1", port: ${port}, no_tls: true }\n`,
}

/** Starts the server on that port, and waits until it listens. */
async function serve(server: string, port: number, folder: string): Promise<ChildProcess> {
  const config = configs[server]
  let child: ChildProcess
  if (config) {
    const file = path.join(folder, 'config')
    writeFileSync(file, config(port))
    child = spawn(found[server as 'nats']!, ['-c', file], { stdio: 'ignore' })
  } else
    child = spawn(process.execPath, [path.join(programs, `${server}.server.mjs`), String(port)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  onTestFinished(() => void child.kill('SIGKILL'))
  await vi.waitUntil(() => listens(port), { timeout: 20_000, interval: 20 })
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

const lacks = (server: string): boolean => server in configs && !found[server as 'nats']

describe('under other clients', () => {
  test.for(clients)('$client, with the server $server', async ({ client, server }, { skip }) => {
    if (lacks(server)) skip(missing[server as 'nats'])
    const relay = await Relay.start()
    onTestFinished(() => relay.stop())
    const serverPort = await relay.freePort()
    relay.target = serverPort
    let running = await serve(server, serverPort, relay.folder)

    const program = spawn(
      process.execPath,
      [path.join(programs, `${client}.client.mjs`), `ws://127.0.0.1:${relay.port}`],
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
      await vi.waitUntil(() => did > before + 2 || program.exitCode !== null, {
        timeout: 30_000,
        interval: 10,
      })
      expect([program.exitCode, err]).toEqual([null, ''])
    }

    await more()
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await end(running, signal)
      running = await serve(server, serverPort, relay.folder)
      await more()
    }
    await vi.waitFor(() => expect(relay.connections).toBe(1), { timeout: 10_000 })
    program.stdin.end('end')
    expect([await exit, err]).toEqual([[0, null], ''])
    expect(relay.connections).toBe(0)
  })
})
