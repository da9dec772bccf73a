/**
 * `@azure/web-pubsub-client`, with a stand-in for its service: as much of `json.reliable.webpubsub.azure.v1` as the
 * benchmarks need. https://learn.microsoft.com/azure/azure-web-pubsub/reference-json-reliable-webpubsub-subprotocol
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { WebSocket, WebSocketServer } from 'ws'
import { Queue } from '../../src/delivery/queue.js'
import type { Contender } from './contenders.js'

export const PACKAGE = '@azure/web-pubsub-client'
const VERSION = '1.1.0'

/** The part of the client that is used. */
interface AzureClient {
  on(event: 'server-message', listener: (event: { message: { data: unknown } }) => void): void
  on(event: 'connected', listener: () => void): void
  start(): Promise<void>
  stop(): void
  sendEvent(name: string, data: string, type: 'text'): Promise<unknown>
}

/** Installs the client into a folder of its own, until the process ends. */
export async function azure(): Promise<Contender> {
  const dir = mkdtempSync(path.join(tmpdir(), 'everopen-azure-'))
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
  writeFileSync(path.join(dir, 'package.json'), '{"private":true,"type":"module"}')
  const npm = ['install', '--no-audit', '--no-fund', '--loglevel=error', `${PACKAGE}@${VERSION}`]
  execFileSync('npm', npm, { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'] })
  const entry = createRequire(path.join(dir, 'package.json')).resolve(PACKAGE)
  const { WebPubSubClient } = (await import(pathToFileURL(entry).href)) as {
    WebPubSubClient: new (url: string) => AzureClient
  }
  return {
    server: 'azure',
    async open(url, listener) {
      // each with its acknowledgement, after which the client does not send it again
      let flying = 0
      const client = new WebPubSubClient(url)
      client.on('server-message', ({ message }) => listener(message.data))
      const connected = new Promise<void>((resolve) => client.on('connected', resolve))
      await client.start()
      await connected
      const done = (): void => void flying--
      return {
        send(text) {
          flying++
          client.sendEvent('m', text, 'text').then(done, done)
        },
        full: () => flying > 5_000,
        // it has no way to do that: the stand-in does, before it holds
        cut: () => {},
        close: () => client.stop(),
      }
    },
  }
}

interface Upstream {
  readonly type: 'event' | 'sequenceAck' | 'ping'
  readonly ackId?: number
  readonly sequenceId?: number
  readonly data?: string
}

/** A client, over all its connections. */
export class AzurePeer {
  readonly id = String(Math.random())
  readonly #token = String(Math.random())
  /** What the client has not acknowledged. */
  readonly #held = new Queue<{ readonly sequenceId: number; readonly text: string }>()
  #sent = 0
  #socket: WebSocket | undefined
  #listener: (data: string) => void = () => {}

  listen(listener: (data: string) => void): void {
    this.#listener = listener
  }

  /** The client is back, or here for the first time. */
  attach(socket: WebSocket): void {
    this.#socket = socket
    socket.on('message', (data: Buffer) => this.#receive(JSON.parse(data.toString()) as Upstream))
    this.#tell({ type: 'system', event: 'connected', connectionId: this.id, reconnectionToken: this.#token })
    for (const { text } of this.#held) socket.send(text)
  }

  send(data: string): void {
    const sequenceId = ++this.#sent
    const message = { sequenceId, type: 'message', from: 'server', dataType: 'text', data }
    const text = JSON.stringify(message)
    this.#held.push({ sequenceId, text })
    this.#socket?.send(text)
  }

  /** Ends the connection as a network does. */
  cut(): void {
    this.#socket?.terminate()
    this.#socket = undefined
  }

  #receive({ type, ackId, sequenceId = 0, data = '' }: Upstream): void {
    if (type === 'ping') this.#tell({ type: 'pong' })
    else if (type === 'sequenceAck')
      while ((this.#held.peek()?.sequenceId ?? Infinity) <= sequenceId) this.#held.shift()
    else {
      this.#listener(data)
      if (ackId !== undefined) this.#tell({ type: 'ack', ackId, success: true })
    }
  }

  #tell(message: object): void {
    this.#socket?.send(JSON.stringify(message))
  }
}

/** @param connected Called for each client, once. */
export function standIn(wss: WebSocketServer, connected: (peer: AzurePeer) => void): void {
  const peers = new Map<string, AzurePeer>()
  wss.on('connection', (socket: WebSocket, { url }: IncomingMessage) => {
    const id = new URL(url!, 'ws://stand-in').searchParams.get('awps_connection_id')
    const peer = peers.get(id ?? '') ?? new AzurePeer()
    if (!peers.has(peer.id)) {
      peers.set(peer.id, peer)
      connected(peer)
    }
    peer.attach(socket)
  })
}
