/** ReconnectingWebSocket in the place of the platform's own class. */
import { bytes, equal, ok } from './assert.js'

export const cases = {
  'WebSocket with retry: false'({ lib, url }) {
    return new Promise((resolve, reject) => {
      const seen = []
      const socket = new lib.ReconnectingWebSocket(url('bye', '&code=4321'), [], { retry: false })
      const check = (step) => (event) => {
        try {
          seen.push(event.type)
          step(event)
        } catch (error) {
          reject(error)
        }
      }
      equal([socket.readyState, socket.protocol, socket.bufferedAmount], [0, '', 0], 'at first')
      socket.onopen = check(() => socket.send('go'))
      socket.onerror = check(() => {})
      socket.addEventListener(
        'close',
        check(({ code, reason, wasClean }) => equal([code, reason, wasClean], [4321, 'bye', true], 'close')),
      )
      socket.onclose = check(() => {
        // each once: a platform that calls handlers by itself would call them twice
        equal(seen, ['open', 'close', 'close'], 'events')
        equal(socket.readyState, 3, 'readyState')
        resolve()
      })
    })
  },

  'WebSocket: messages'({ lib, url }) {
    return new Promise((resolve, reject) => {
      const socket = new lib.ReconnectingWebSocket(url('echo'))
      socket.binaryType = 'arraybuffer'
      const seen = []
      socket.onopen = () => {
        socket.send('text')
        socket.send(new Uint8Array([1, 2]))
      }
      socket.onmessage = (event) => {
        try {
          ok(event.target === socket, 'another target')
          if (seen.push(event.data) < 2) return
          equal([seen[0], bytes(seen[1])], ['text', [1, 2]], 'messages')
          // by hand: React Native's URL has no origin
          equal(`${event.origin}/`, url('').split('?')[0], 'origin')
          socket.onclose = () => resolve()
          socket.close(1000)
        } catch (error) {
          reject(error)
        }
      }
    })
  },

  'WebSocket: URLs'({ lib, url }) {
    const http = url('echo').replace(/^ws/, 'http')
    const socket = new lib.ReconnectingWebSocket(http)
    equal(socket.url, url('echo'), 'url')
    socket.close()
    try {
      new lib.ReconnectingWebSocket('ws://a.test/#part')
    } catch (error) {
      equal(error.name, 'SyntaxError', 'error')
      return
    }
    throw new Error('a URL with a fragment was taken')
  },
}
