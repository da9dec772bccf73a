/** A process of its own, with one socket and nothing else to do. Says on its way out how long that took. */
import { writeSync } from 'node:fs'
import { ReconnectingSocket } from '../../src/index.js'

const [url = '', scenario = ''] = process.argv.slice(2)
/** Ms since the end was asked for. A busy machine does not count: it goes on by 10 ms in one turn of the event loop. */
let took: number | null = null

process.on('exit', () => writeSync(1, JSON.stringify({ took })))

function watch(): void {
  took = 0
  setInterval(() => (took! += 10), 10).unref()
}

function close(socket: ReconnectingSocket): void {
  watch()
  socket.close()
}

/** Where the peer answers first, whose process may have to wait for its turn. */
function closeTogether(socket: ReconnectingSocket): void {
  void socket.closed.then(watch)
  socket.close()
}

const scenarios: Record<string, () => void> = {
  open() {
    const socket = new ReconnectingSocket(url)
    socket.on('open', () => closeTogether(socket))
  },
  silent() {
    const socket = new ReconnectingSocket(url, { closeTimeout: 30 })
    socket.on('open', () => close(socket))
  },
  terminate() {
    const socket = new ReconnectingSocket(url)
    socket.on('open', () => {
      watch()
      socket.terminate()
    })
  },
  waiting() {
    const socket = new ReconnectingSocket(url, { retry: { backoff: () => 60_000 } })
    // in the next turn, when the timer of the backoff is set
    socket.on('close', () => setImmediate(() => close(socket)))
  },
  dialing() {
    const socket = new ReconnectingSocket(url, { connectTimeout: 60_000 })
    setTimeout(() => close(socket), 50)
  },
  preparing() {
    const socket = new ReconnectingSocket(() => new Promise(() => {}), { connectTimeout: 60_000 })
    setTimeout(() => close(socket), 10)
  },
  portal() {
    const socket = new ReconnectingSocket(url, { retry: { backoff: () => 60_000 } })
    socket.on('error', () => setImmediate(() => close(socket)))
  },
  async iterating() {
    const socket = new ReconnectingSocket(url, { readAhead: 1 })
    for await (const message of socket) {
      void message
      break
    }
    closeTogether(socket)
  },
  retrying() {
    const socket = new ReconnectingSocket(url, { retry: { backoff: () => 300 } })
    socket.on('message', () => closeTogether(socket))
  },
}

scenarios[scenario]!()
