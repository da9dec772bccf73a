/** A server process that can be killed and started again, and the ways to it and from it, which can be cut. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from '../redis/server.js'
import { TcpProxy } from '../tcp-proxy.js'

/** What the process is told. */
interface Settings {
  readonly port: number
  readonly redis: string
  readonly log: string
}

export class ClusterNode {
  /** Between the clients and it. */
  readonly front: TcpProxy
  /** Between it and Redis. */
  readonly back: TcpProxy
  readonly #script: string
  readonly #settings: Settings
  #child: ChildProcess | undefined

  private constructor(script: string, settings: Settings, front: TcpProxy, back: TcpProxy) {
    this.#script = script
    this.#settings = settings
    this.front = front
    this.back = back
  }

  static async start(script: string, redisPort: number, log: string): Promise<ClusterNode> {
    const port = await freePort()
    const front = await TcpProxy.start(port)
    const back = await TcpProxy.start(redisPort)
    const settings = { port, redis: `redis://127.0.0.1:${back.port}`, log }
    const node = new ClusterNode(script, settings, front, back)
    await node.start()
    return node
  }

  get url(): string {
    return `ws://127.0.0.1:${this.front.port}`
  }

  /** Starts the process. Resolves once it listens. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [this.#script, JSON.stringify(this.#settings)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#child = child
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
    if (child.exitCode !== null) throw new Error('a server did not start')
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.#child!.kill('SIGKILL')
    await once(this.#child!, 'exit')
  }

  async stop(): Promise<void> {
    await this.kill()
    await Promise.all([this.front.stop(), this.back.stop()])
  }
}
