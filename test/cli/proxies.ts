/** Proxies as small as may be: HTTP CONNECT, and SOCKS 5 (RFC 1928, RFC 1929). They remember who asked for what. */
import http from 'node:http'
import net from 'node:net'

export interface Proxy {
  readonly port: number
  /** What was asked for: `host:port`, and the credentials. */
  readonly asked: { readonly target: string; readonly credentials: string }[]
  stop(): Promise<void>
}

const listening = (server: net.Server): Promise<number> =>
  new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port)),
  )

function join(one: net.Socket, other: net.Socket): void {
  one.pipe(other).on('error', () => one.destroy())
  other.pipe(one).on('error', () => other.destroy())
}

export async function connectProxy(): Promise<Proxy> {
  const asked: Proxy['asked'] = []
  const sockets = new Set<net.Socket>()
  const server = http.createServer()
  server.on('connection', (socket) => sockets.add(socket))
  server.on('connect', (request, client: net.Socket) => {
    const authorization = (request.headers['proxy-authorization'] ?? '').replace(/^Basic /, '')
    asked.push({ target: request.url!, credentials: Buffer.from(authorization, 'base64').toString() })
    const [host = '', port] = request.url!.split(':')
    const upstream = net.connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      join(client, upstream)
    })
    sockets.add(upstream)
    upstream.on('error', () => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'))
  })
  return { port: await listening(server), asked, stop: () => stop(server, sockets) }
}

export async function socksProxy(): Promise<Proxy> {
  const asked: Proxy['asked'] = []
  const sockets = new Set<net.Socket>()
  const server = net.createServer((client) => {
    sockets.add(client)
    client.on('error', () => {})
    let credentials = ''
    const next = (take: (bytes: Buffer) => void): void => void client.once('data', take)
    next(() => {
      client.write(Buffer.from([5, 2]))
      next((login) => {
        const name = login.subarray(2, 2 + login[1]!)
        credentials = `${name.toString()}:${login.subarray(3 + name.length).toString()}`
        client.write(Buffer.from([1, 0]))
        next((request) => {
          const ip = request[3] === 1
          const host = ip ? request.subarray(4, 8).join('.') : request.subarray(5, 5 + request[4]!).toString()
          const port = request.readUInt16BE(request.length - 2)
          asked.push({ target: `${host}:${port}`, credentials })
          const upstream = net.connect(port, host, () => {
            client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
            join(client, upstream)
          })
          sockets.add(upstream)
        })
      })
    })
  })
  return { port: await listening(server), asked, stop: () => stop(server, sockets) }
}

function stop(server: net.Server, sockets: ReadonlySet<net.Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    for (const socket of sockets) socket.destroy()
  })
}
