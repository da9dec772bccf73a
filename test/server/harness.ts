/** Session servers over real `ws` servers, for tests. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { WebSocketServer } from 'ws'
import { SessionServer, type SessionServerOptions, type Session } from '../../src/server/index.js'
import type { Clock } from '../../src/time/clock.js'
import { SimClock } from '../sim/clock.js'
import { TestClient } from './client.js'

export interface Node {
  readonly sessions: SessionServer<IncomingMessage>
  readonly wss: WebSocketServer
  readonly url: string
  readonly port: number
  /** What was reported as `error`. */
  readonly errors: unknown[]
  /** The sessions that it told of, oldest first. */
  readonly seen: Session[]
}

/** A server on a port of its own, until the test is over. */
export async function startNode(
  options: SessionServerOptions<IncomingMessage> = {},
  clock?: Clock,
): Promise<Node> {
  const sessions = new SessionServer<IncomingMessage>(options, clock)
  const wss = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    perMessageDeflate: false,
    maxPayload: 2 ** 20,
  })
  const errors: unknown[] = []
  const seen: Session[] = []
  sessions.on('error', ({ error }) => errors.push(error))
  sessions.on('session', (session) => seen.push(session))
  wss.on('connection', (socket, request) => sessions.accept(socket, request))
  await once(wss, 'listening')
  onTestFinished(async () => {
    const closed = sessions.close({ timeout: 1 })
    if (clock instanceof SimClock) await clock.advance(1)
    await closed
    for (const socket of wss.clients) socket.terminate()
    wss.close()
  })
  const { port } = wss.address() as AddressInfo
  return { sessions, wss, port, url: `ws://127.0.0.1:${port}`, errors, seen }
}

/** A client, until the test is over. */
export function startClient(urls: string | readonly string[], headers?: Record<string, string>): TestClient {
  const client = new TestClient(urls, headers)
  onTestFinished(() => client.stop())
  return client
}

/** The first value of an event. */
export function next<T>(on: (listener: (detail: T) => void) => () => void): Promise<T> {
  return new Promise((resolve) => {
    const undo = on((detail) => {
      undo()
      resolve(detail)
    })
  })
}
