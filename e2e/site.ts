/**
 * A site for the tests: pages and the built files over HTTP, and a WebSocket server that closes each connection. In each
 * page, `problems` has the errors that nobody caught.
 */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

const dist = new URL('../dist/', import.meta.url)
const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.map': 'application/json',
}

/** Loaded by each page before anything else. */
const watch = `
  window.problems = []
  addEventListener('error', (event) => problems.push(event.message))
  addEventListener('unhandledrejection', (event) => problems.push(String(event.reason)))
`

export interface Page {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

export interface Site {
  readonly origin: string
  /** Connections accepted so far. */
  readonly connections: () => number
  /** What the connections that are open have asked for, oldest first. */
  readonly open: () => string[]
  stop(): Promise<void>
}

/** What a page may wait for: the answer to a request. */
export type Answer = (query: URLSearchParams) => Promise<void> | void

/**
 * `pages` by path, scripts among them; everything below /dist/ is the build. The server chooses the first subprotocol
 * that is offered, and closes its first `closes` connections, with 1001.
 */
export async function startSite(
  pages: Readonly<Record<string, string | Page | Answer>>,
  closes: number,
): Promise<Site> {
  const http = createServer((request, response) => {
    void (async () => {
      const { pathname: path, searchParams } = new URL(request.url ?? '/', 'http://site')
      const page = path === '/watch.js' ? watch : pages[path]
      if (typeof page === 'function') {
        await page(searchParams)
        return response.end()
      }
      if (page !== undefined) {
        const { body, headers } = typeof page === 'string' ? { body: page, headers: {} } : page
        const script = path.endsWith('.js')
        response.writeHead(200, {
          'content-type': script ? 'text/javascript' : 'text/html; charset=utf-8',
          ...headers,
        })
        return response.end(script ? body : `<!doctype html><script src="/watch.js"></script>${body}`)
      }
      const file = /^\/dist\/([\w./-]+)$/.exec(path)?.[1]
      const type = types[/\.\w+$/.exec(path)?.[0] ?? '']
      if (file === undefined || type === undefined) return response.writeHead(404).end()
      response.setHeader('content-type', type)
      return response.end(await readFile(new URL(file, dist)))
    })().catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  let count = 0
  const open = new Map<object, string>()
  const wss = new WebSocketServer({ server: http })
  wss.on('connection', (socket, { url = '' }) => {
    const index = count++
    open.set(socket, url)
    socket.on('close', () => open.delete(socket))
    // whichever message comes last is answered, so that the page knows it has arrived
    socket.on('message', (data, isBinary) => {
      socket.send(data, { binary: isBinary })
      if (index < closes) socket.close(1001, `close ${index + 1}`)
    })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    connections: () => count,
    open: () => [...open.values()],
    async stop() {
      for (const client of wss.clients) client.terminate()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}
