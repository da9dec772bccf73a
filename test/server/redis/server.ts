/** A real Redis of the test's own, in a folder of its own, which can be killed and started again on what it left. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findServers } from '../../../scripts/servers.mjs'

/** How long it may take to listen, on a machine that does much else. */
const START = 20_000

export class RedisServer {
  readonly port: number
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'everopen-redis-'))
  #child: ChildProcess | undefined

  constructor(port: number) {
    this.port = port
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** Starts it, on what an earlier one has left. Resolves once it answers. */
  async start(): Promise<void> {
    const settings = {
      bind: '127.0.0.1',
      port: String(this.port),
      dir: this.#folder,
      save: '',
      appendonly: 'yes',
      // an answer means that it is on the disk
      appendfsync: 'always',
    }
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
    this.#child = spawn(findServers().redis!, args, { stdio: 'ignore' })
    const deadline = Date.now() + START
    while (!(await answers(this.port)))
      if (this.#child.exitCode !== null || Date.now() > deadline)
        throw new Error('redis-server does not answer')
  }

  /** Ends it as a power cut would, without a word to anybody. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Starts one on a port that is free now. */
export async function startRedis(): Promise<RedisServer> {
  const server = new RedisServer(await freePort())
  await server.start()
  return server
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Whether it takes commands: not while it is still loading. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.setTimeout(1_000, () => socket.destroy())
    socket.on('connect', () => socket.write('PING\r\n'))
    socket.on('data', (data) => {
      resolve(data.toString().startsWith('+PONG'))
      socket.destroy()
    })
    socket.on('error', () => {})
    // not at once again
    socket.on('close', () => setTimeout(() => resolve(false), 50))
  })
}
