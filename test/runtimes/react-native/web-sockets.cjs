/** React Native's native WebSocketModule, played by `ws`: it tells as the one for Android does. */
const { WebSocket } = require('ws')

/** @param emit Tells the JavaScript side an event. */
exports.webSockets = (emit) => {
  const sockets = new Map()
  return {
    WebSocketModule: {
      connect(url, protocols, options, id) {
        const socket = new WebSocket(url, protocols ?? [], { headers: options?.headers ?? {} })
        sockets.set(id, socket)
        // a failure is told in the place of the close
        let failed = false
        const fail = (message) => {
          if (!failed) emit('websocketFailed', { id, message })
          failed = true
        }
        socket.on('open', () => emit('websocketOpen', { id, protocol: socket.protocol }))
        socket.on('message', (data, isBinary) =>
          emit('websocketMessage', {
            id,
            type: isBinary ? 'binary' : 'text',
            data: data.toString(isBinary ? 'base64' : 'utf8'),
          }),
        )
        socket.on('error', (error) => fail(error.message))
        socket.on('close', (code, reason) => {
          if (code === 1006) fail('the connection was lost')
          else emit('websocketClosed', { id, code, reason: String(reason) })
        })
      },
      send: (text, id) => sockets.get(id).send(text),
      sendBinary: (base64, id) => sockets.get(id).send(Buffer.from(base64, 'base64')),
      ping: (id) => sockets.get(id).ping(),
      close: (code, reason, id) => sockets.get(id).close(code, reason),
    },
  }
}
