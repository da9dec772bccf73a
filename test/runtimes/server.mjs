/**
 * The server of the suite, in a process of its own: WebSockets by path, over TCP and TLS, and an HTTP proxy. Takes the
 * certificate on stdin, says its ports in one line, and ends with stdin.
 */
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { createInterface } from 'node:readline'
import { WebSocketServer } from 'ws'

const sockets = new WebSocketServer({ noServer: true })
/** Connections so far, by the case that made them. */
const counts = new Map()
/** Our ports of the connections that the proxy made. */
const proxied = new Set()

const upgrades = {
  // never answers the handshake
  mute() {},
  status(request, socket, { code }) {
    socket.end(`HTTP/1.1 ${code} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
  },
  /** Refuses the first so many. */
  busy(request, socket, { first, key }) {
    if (count(key) > Number(first)) return accept(request, socket, connections.echo)
    upgrades.status(request, socket, { code: 503 })
  },
}

const connections = {
  echo(socket) {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  },
  closes(socket, { first, key }) {
    if (count(key) <= Number(first)) socket.close(4001, 'away')
    else connections.echo(socket)
  },
  /** The first is read no more once it is open: no answer, no end. */
  half(socket, { key }, tcp) {
    if (count(key) === 1) tcp.pause()
    else connections.echo(socket)
  },
  /** Closes when it is told to. */
  bye(socket, { code }) {
    socket.on('message', () => socket.close(Number(code), 'bye'))
  },
  about(socket, _, __, request) {
    const { remotePort } = request.socket
    socket.send(JSON.stringify({ headers: request.headers, proxied: proxied.has(remotePort) }))
  },
}

function count(key) {
  const so = (counts.get(key) ?? 0) + 1
  counts.set(key, so)
  return so
}

function accept(request, socket, connection, query) {
  sockets.handleUpgrade(request, socket, Buffer.alloc(0), (ws) => {
    ws.on('error', () => {})
    connection(ws, query, socket, request)
  })
}

function upgrade(request, socket) {
  socket.on('error', () => {})
  const { pathname, searchParams } = new URL(request.url, 'http://server')
  const [name, query] = [pathname.slice(1), Object.fromEntries(searchParams)]
  if (upgrades[name]) upgrades[name](request, socket, query)
  else if (connections[name]) accept(request, socket, connections[name], query)
  else upgrades.status(request, socket, { code: 404 })
}

async function listen(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server.address().port
}

const input = createInterface(process.stdin)
const credentials = JSON.parse(await new Promise((resolve) => input.once('line', resolve)))
input.on('close', () => process.exit())

const plain = http.createServer().on('upgrade', upgrade)
const secure = https.createServer(credentials).on('upgrade', upgrade)
const proxy = http.createServer().on('connect', (request, socket) => {
  const [host, port] = request.url.split(':')
  const onward = net.connect(Number(port), host, () => {
    proxied.add(onward.localPort)
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    socket.pipe(onward).pipe(socket)
  })
  for (const end of [socket, onward])
    end.on('error', () => {}).on('close', () => (socket.destroy(), onward.destroy()))
})
console.log(
  JSON.stringify({ ws: await listen(plain), wss: await listen(secure), proxy: await listen(proxy) }),
)
