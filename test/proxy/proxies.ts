/** Small proxies on loopback: HTTP CONNECT, SOCKS5 and SOCKS4. Names under .test are all this machine's. */
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import type { TlsOptions } from 'node:tls'
import { onTestFinished } from 'vitest'

export interface Proxy {
  readonly port: number
  /** Where it was asked to connect to, as `host:port`. */
  readonly asked: string[]
  /** What it was asked with: heads of requests, or user and password. */
  readonly credentials: (string | undefined)[]
  /** Connections from clients that are not over. */
  readonly live: () => number
  /** Resolves when the n-th client has connected, from 1. */
  readonly client: (n: number) => Promise<net.Socket>
}

/** Listens, for this test. */
async function listen(server: net.Server): Promise<Pick<Proxy, 'port' | 'live' | 'client'>> {
  const clients: net.Socket[] = []
  const waiting = new Set<() => void>()
  server.on('connection', (tcp: net.Socket) => {
    clients.push(tcp.on('error', () => {}))
    for (const look of [...waiting]) look()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const tcp of clients) tcp.destroy()
    server.close()
  })
  return {
    port: (server.address() as net.AddressInfo).port,
    live: () => clients.filter(({ destroyed }) => !destroyed).length,
    client: (n) =>
      new Promise((resolve) => {
        const look = (): void => {
          const tcp = clients[n - 1]
          if (tcp) resolve(tcp)
        }
        waiting.add(look)
        look()
      }),
  }
}

/** Connects both, and ends one with the other. */
function pipe(client: net.Socket, host: string, port: number, ready: (upstream: net.Socket) => void): void {
  const upstream = net.connect(port, net.isIP(host) ? host : '127.0.0.1', () => {
    ready(upstream)
    client.pipe(upstream).pipe(client)
  })
  upstream.on('error', () => client.destroy())
  client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy())
}

/**
 * An HTTP proxy. `status` is what it answers; 200 connects. With `silent` it answers nothing. `login` is what it wants,
 * `user:password`: otherwise it answers 407.
 */
export async function httpProxy({
  status = 200,
  login,
  silent,
  tls,
}: { status?: number; login?: string; silent?: boolean; tls?: TlsOptions } = {}): Promise<Proxy> {
  const asked: string[] = []
  const credentials: (string | undefined)[] = []
  const server = tls ? https.createServer(tls) : http.createServer()
  server.on('connect', ({ url = '', headers }: http.IncomingMessage, client: net.Socket) => {
    asked.push(url)
    const given = headers['proxy-authorization']
    credentials.push(given && Buffer.from(given.replace(/^Basic /, ''), 'base64').toString())
    // read on, or the end of it would not be seen
    if (silent) return void client.resume().on('end', () => client.end())
    const answer = login !== undefined && credentials.at(-1) !== login ? 407 : status
    if (answer !== 200)
      return void client.end(`HTTP/1.1 ${answer} No\r\nX-Echo: ${given}\r\nContent-Length: 0\r\n\r\n`)
    const { hostname, port } = new URL(`http://${url}`)
    pipe(client, hostname.replace(/[[\]]/g, ''), Number(port), () => client.write('HTTP/1.1 200 OK\r\n\r\n'))
  })
  return { ...(await listen(server)), asked, credentials }
}

/** Takes so many bytes off a stream. */
function reader(client: net.Socket): (bytes: number) => Promise<Buffer> {
  return async (bytes) => {
    for (;;) {
      const chunk = client.read(bytes) as Buffer | null
      if (chunk) return chunk
      await new Promise((resolve) => client.once('readable', resolve))
    }
  }
}

/** A SOCKS5 proxy. `reply` is what it answers, 0 connects. With `silent` it answers nothing after the greeting. */
export async function socks5Proxy({
  reply = 0,
  login,
  silent,
}: { reply?: number; login?: string; silent?: boolean } = {}): Promise<Proxy> {
  const asked: string[] = []
  const credentials: (string | undefined)[] = []
  const serve = async (client: net.Socket): Promise<void> => {
    const take = reader(client)
    const methods = await take((await take(2))[1]!)
    const method = login === undefined ? 0 : 2
    client.write(Buffer.of(5, methods.includes(method) ? method : 0xff))
    if (method === 2) {
      if (!methods.includes(2)) return
      const user = await take((await take(2))[1]!)
      const password = await take((await take(1))[0]!)
      credentials.push(`${user.toString()}:${password.toString()}`)
      client.write(Buffer.of(1, credentials.at(-1) === login ? 0 : 1))
      if (credentials.at(-1) !== login) return void client.end()
    }
    const type = (await take(4))[3]!
    const host =
      type === 3
        ? (await take((await take(1))[0]!)).toString()
        : type === 1
          ? [...(await take(4))].join('.')
          : '::1'
    if (type === 4) await take(16)
    const port = (await take(2)).readUInt16BE()
    asked.push(`${host}:${port}`)
    if (silent) return
    const answer = Buffer.of(5, reply, 0, 1, 0, 0, 0, 0, 0, 0)
    if (reply > 0) return void client.end(answer)
    pipe(client, host, port, () => client.write(answer))
  }
  const server = net.createServer((client) => void serve(client))
  return { ...(await listen(server)), asked, credentials }
}

/** A SOCKS4 proxy, which knows 4a too. */
export async function socks4Proxy({ silent }: { silent?: boolean } = {}): Promise<Proxy> {
  const asked: string[] = []
  const credentials: (string | undefined)[] = []
  const server = net.createServer((client) => {
    client.once('data', (data) => {
      const port = data.readUInt16BE(2)
      const ip = [...data.subarray(4, 8)].join('.')
      const [user = '', name = ''] = data.subarray(8).toString().split('\0')
      credentials.push(user)
      asked.push(`${ip.startsWith('0.0.0.') ? name : ip}:${port}`)
      if (silent) return
      pipe(client, '127.0.0.1', port, () => client.write(Buffer.of(0, 90, 0, 0, 0, 0, 0, 0)))
    })
  })
  return { ...(await listen(server)), asked, credentials }
}
