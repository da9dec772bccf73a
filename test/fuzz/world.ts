/** The servers of one run: one of `ws` behind a proxy that breaks connections, by the transport that is asked for. */
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type WebSocket, WebSocketServer } from 'ws'
import { proxyAgent } from '../../src/proxy/index.js'
import type { NodeOptions } from '../../src/options/node-options.js'
import { selfSigned } from '../faults/tls.js'
import { read, type Seen } from './payload.js'
import { type Fault, faultProxy } from './proxy.js'
import type { Script } from './script.js'

const certificate = selfSigned(
  '127.0.0.1',
  new Date(Date.now() - 86_400_000),
  new Date(Date.now() + 86_400_000),
)

export interface World {
  readonly url: string
  readonly node: NodeOptions
  /** What each connection of the server has received, so far. */
  readonly received: Seen[][]
  /** What was received and is not what was sent. */
  readonly wrong: unknown[]
  /** Called with whatever was received. */
  onReceived: (seen: Seen) => void
  /** The server pings its clients. */
  ping(): void
  stop(): Promise<void>
}

export async function world(
  { transport, compression, random }: Script,
  fault: () => Fault,
  server: Script['server'],
): Promise<World> {
  const dir = mkdtempSync(path.join(tmpdir(), 'everopen-fuzz-'))
  const listener = transport === 'tls' ? https.createServer(certificate) : http.createServer()
  const noContext = compression === 'without context'
  const peers = new WebSocketServer({
    server: listener,
    perMessageDeflate: compression !== 'none' && {
      clientNoContextTakeover: noContext,
      serverNoContextTakeover: noContext,
      threshold: 0,
    },
  })
  const received: Seen[][] = []
  const wrong: unknown[] = []
  const result = { onReceived: (_: Seen): void => {} }
  peers.on('connection', (peer, request) => {
    const seen: Seen[] = []
    received.push(seen)
    const { after, how } = server()
    peer.on('error', () => {})
    // in one packet with the handshake's answer
    peer.send('hello')
    peer.on('message', (data, isBinary) => {
      try {
        seen.push(read(data as Buffer, isBinary))
        result.onReceived(seen.at(-1)!)
      } catch (error) {
        wrong.push(error)
      }
      if (seen.length % 8 === 1) peer.send('go on')
      if (random() < 0.05) peer.ping()
      if (seen.length === after && how === 'close') peer.close(4_000, 'politely')
      if (seen.length === after && how === 'reset') (request.socket as net.Socket).destroy()
    })
  })
  // by address: 'unix' listens on a path
  const unix = transport === 'unix'
  await new Promise<void>((resolve) =>
    listener.listen(unix ? path.join(dir, 'server') : { port: 0, host: '127.0.0.1' }, resolve),
  )
  const to = unix ? path.join(dir, 'server') : (listener.address() as net.AddressInfo).port
  const proxy = await faultProxy(to, fault, unix ? path.join(dir, 'proxy') : undefined)
  const tunnel = transport === 'proxy' ? await connectProxy() : undefined
  const scheme = transport === 'tls' ? 'wss' : 'ws'
  return Object.assign(result, {
    url: unix ? `ws+unix:${proxy.at}:/` : `${scheme}://127.0.0.1:${proxy.at}/`,
    node: {
      ...(transport === 'tls' && { ca: certificate.cert }),
      ...(tunnel && { agent: proxyAgent(`http://127.0.0.1:${tunnel.port}`) }),
    },
    received,
    wrong,
    ping: () => peers.clients.forEach((peer: WebSocket) => peer.ping()),
    async stop() {
      for (const peer of peers.clients) peer.terminate()
      listener.close()
      listener.closeAllConnections()
      await Promise.all([proxy.stop(), tunnel?.stop()])
      rmSync(dir, { recursive: true, force: true })
    },
  })
}

/** An HTTP proxy that connects wherever it is asked to. */
async function connectProxy(): Promise<{ readonly port: number; stop(): void }> {
  const live = new Set<net.Socket>()
  const server = http.createServer().on('connect', ({ url = '' }: http.IncomingMessage, near: net.Socket) => {
    const far = net.connect(Number(url.split(':')[1]), '127.0.0.1')
    live.add(near).add(far)
    near.on('error', () => far.destroy()).on('close', () => far.destroy())
    far.on('error', () => near.resetAndDestroy()).on('close', () => near.destroy())
    near.write('HTTP/1.1 200 OK\r\n\r\n')
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as net.AddressInfo).port,
    stop() {
      for (const socket of live) socket.destroy()
      server.close()
    },
  }
}
