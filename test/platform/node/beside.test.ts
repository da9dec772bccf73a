/** Node's options beside a WebSocket class of the user's: they reach it, or are refused by name. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket as WS, WebSocketServer } from 'ws'
import { type Options, ReconnectingSocket } from '../../../src/index.js'

class Plain {
  static readonly CONNECTING = 0
  readyState = 0
  close(): void {}
  send(): void {}
}

const idle = { autoConnect: false } as const
const make = (options: Options) => (): unknown =>
  new ReconnectingSocket('ws://a.test/', { ...idle, ...options })

async function serve(): Promise<{ server: WebSocketServer; url: string }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  onTestFinished(() => {
    for (const peer of server.clients) peer.terminate()
    server.close()
  })
  return { server, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

test('headers, cookies and subprotocols reach ws', async () => {
  const { server, url } = await serve()
  const request = once(server, 'connection').then(([, incoming]) => incoming as IncomingMessage)
  const socket = new ReconnectingSocket(url, {
    WebSocket: WS as never,
    protocols: ['chat'],
    node: { headers: () => ({ authorization: 'Bearer x' }), cookie: 'a=b' },
  })
  await socket.opened
  expect((await request).headers).toMatchObject({
    authorization: 'Bearer x',
    cookie: 'a=b',
    'sec-websocket-protocol': 'chat',
  })
  socket.close()
  await socket.closed
})

test('the heartbeat of ws is a ping, without a message', async () => {
  const { server, url } = await serve()
  const socket = new ReconnectingSocket(url, { WebSocket: WS as never, heartbeat: { interval: 20 } })
  const beat = new Promise<number>((resolve) => socket.on('heartbeat', ({ rtt }) => resolve(rtt)))
  const [peer] = (await once(server, 'connection')) as [WS]
  await once(peer, 'ping')
  expect(await beat).toBeGreaterThan(0)
  socket.close()
  await socket.closed
})

test.each<[string, Options]>([
  ['node.headers', { node: { headers: {} } }],
  ['node.ca', { node: { ca: [] } }],
  ['node.keepAlive', { node: { keepAlive: true } }],
  ['heartbeat', { heartbeat: true }],
  ['heartbeat', { heartbeat: { interval: 1_000 } }],
])('%s is refused beside a class that does not take it', (argument, options) => {
  expect(make({ ...options, WebSocket: Plain as never })).toThrow(expect.objectContaining({ argument }))
})

test.each<Options>([
  {},
  { node: {} },
  { heartbeat: false },
  { heartbeat: { message: 'ping' } },
  { node: { followRedirects: false } },
])('nothing is refused that means nothing beside it: %o', (options) => {
  expect(make({ ...options, WebSocket: Plain as never })).not.toThrow()
})
