/** Starts the server of the suite. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { selfSigned } from '../faults/tls.js'

/** What the suite is told about its surroundings. */
export interface Env {
  /** `ws://127.0.0.1:1234/` */
  readonly ws: string
  readonly wss: string
  readonly proxy: string
  /** In PEM: what the certificate of `wss` is signed by. */
  readonly ca: string
}

const HOUR = 3_600_000

/** A server in a process of its own, as long as this one lives. */
export async function startServer(): Promise<Env & { stop(): Promise<void> }> {
  const { key, cert } = selfSigned('127.0.0.1', new Date(Date.now() - HOUR), new Date(Date.now() + 24 * HOUR))
  const file = fileURLToPath(new URL('server.mjs', import.meta.url))
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.write(`${JSON.stringify({ key, cert })}\n`)
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const ports = JSON.parse(line) as Record<'ws' | 'wss' | 'proxy', number>
  return {
    ws: `ws://127.0.0.1:${ports.ws}/`,
    wss: `wss://127.0.0.1:${ports.wss}/`,
    proxy: `http://127.0.0.1:${ports.proxy}`,
    ca: cert,
    async stop() {
      child.stdin.end()
      await once(child, 'exit')
    },
  }
}
