/** Node's own `WebSocket` in the place of `ws`. */
const { ReconnectingSocket, ReconnectingWebSocket } = require('everopen')

const { ws } = JSON.parse(process.argv[2])
const WebSocket = globalThis.WebSocket
const url = (path, more = '') => `${ws}${path}?key=own${more}`

async function main() {
  const socket = new ReconnectingSocket(url('echo'), { WebSocket })
  const messages = []
  const all = new Promise((resolve) => {
    socket.on('message', (data) => {
      messages.push(typeof data === 'string' ? data : [...new Uint8Array(data)])
      if (messages.length === 3) resolve()
    })
  })
  socket.send('queued')
  socket.send(new Uint8Array([1, 2]))
  socket.send(new Blob([new Uint8Array([3])]))
  await all
  socket.close(1000)

  const closes = []
  const again = new ReconnectingSocket(url('bye', '&code=4321'), { WebSocket, retry: { backoff: () => 5 } })
  again.on('open', () => (closes.length < 2 ? again.send('go') : again.close(1000)))
  again.on('close', ({ code, reason }) => closes.push(`${code} ${reason}`))
  await again.closed

  const face = new ReconnectingWebSocket(url('echo'), [], { WebSocket, retry: false })
  await new Promise((resolve) => (face.onopen = resolve))
  face.send('face')
  const { data } = await new Promise((resolve) => (face.onmessage = resolve))
  face.close()

  const refused = [{ node: { headers: {} } }, { heartbeat: { interval: 1_000 } }].map((options) => {
    try {
      new ReconnectingSocket(url('echo'), { WebSocket, ...options }).close()
      return null
    } catch (error) {
      return `${error.name} ${error.argument}`
    }
  })
  const loaded = Object.keys(require.cache).some((name) => /node_modules.ws.lib/.test(name))
  console.log(JSON.stringify({ messages, closes, data, refused, loaded }))
}

void main()
