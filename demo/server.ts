/** The demo's server: the page over HTTP, a WebSocket echo, and for each page two proxies to break it with. */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { readCommand } from './chaos.js'
import { Echo } from './echo.js'
import type { Ending } from './endings.js'
import { Lab } from './lab.js'
import { policy, readAsset, readPage } from './site.js'

export { endings, type Ending } from './endings.js'

export interface DemoServer {
  readonly origin: string
  /** Where a client of that name connects to. */
  url(client: string): string
  /** What arrived from a client, in order. */
  received(client: string): readonly string[]
  /** How often a client has dialed. */
  dials(client: string): number
  /** Ends a client's connection; `silence` also leaves its next dial without an answer. */
  end(client: string, how: Ending): void
  /** Opens two endpoints for one page, and all that can be done to them. */
  openLab(): Promise<Lab>
  stop(): Promise<void>
}

/** How long a page may be away before its endpoints are closed. In ms. */
const OUTLIVES = 15_000

/** Listens on the loopback interface only; port 0 is any free one. */
export async function startServer(port = 0, outlives = OUTLIVES): Promise<DemoServer> {
  const streams = new Set<Socket>()
  const labs = new Map<string, Lab>()
  const echo = new Echo((client) => labs.get(client.replace(/-\w+$/, ''))?.changed())

  const openLab = async (): Promise<Lab> => {
    const id = `page-${randomBytes(8).toString('hex')}`
    const over = (): void => {
      labs.delete(id)
      void lab.stop()
    }
    const lab = await Lab.start(id, echo, bound, { after: outlives, over })
    labs.set(id, lab)
    return lab
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [path = '', query] = request.url?.split('?') ?? []
    const { method } = request
    const [, room, id = '', what] = path.split('/')
    const lab = room === 'lab' ? labs.get(id) : undefined
    if (lab && method === 'POST' && what === 'chaos') {
      const command = readCommand(await text(request))
      if (command) await lab.run(command)
      response.writeHead(command ? 204 : 400).end()
    } else if (lab && method === 'GET' && what === 'events') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      lab.watch(response)
    } else if (method === 'GET' && path === '/') {
      // another tab of a page shares its endpoints
      const { id, ports } = labs.get(new URLSearchParams(query).get('lab') ?? '') ?? (await openLab())
      const host = (request.headers.host ?? '').replace(/:\d+$/, '')
      respond(response, await readPage({ lab: id, ...ports }), policy(host, Object.values(ports)))
    } else {
      const asset = method === 'GET' ? await readAsset(path) : undefined
      if (asset) respond(response, asset, policy('', []))
      else response.writeHead(404).end()
    }
  }

  const http = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      console.error(error)
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
  http.on('connection', (stream) => {
    streams.add(stream)
    stream.on('close', () => streams.delete(stream))
  })
  http.on('upgrade', (request, stream, head) => echo.upgrade(request, stream, head))
  await new Promise<void>((resolve, reject) => http.once('error', reject).listen(port, '127.0.0.1', resolve))
  const { port: bound } = http.address() as AddressInfo

  return {
    origin: `http://127.0.0.1:${bound}`,
    url: (client) => `ws://127.0.0.1:${bound}/socket/${client}`,
    received: (client) => echo.received(client),
    dials: (client) => echo.dials(client),
    end: (client, how) => echo.end(client, how),
    openLab,
    async stop() {
      await Promise.all([...labs.values()].map((lab) => lab.stop()))
      await echo.stop()
      const closed = new Promise((resolve) => http.close(resolve))
      for (const stream of streams) stream.destroy()
      await closed
    },
  }
}

function respond(
  response: ServerResponse,
  { type, body }: { readonly type: string; readonly body: string | Uint8Array },
  contentSecurityPolicy: string,
): void {
  response.writeHead(200, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy': contentSecurityPolicy,
  })
  response.end(body)
}
