/** A process of its own, with one socket and nothing else to do. Says on its way out how long that took. */
import { writeSync } from 'node:fs'
import { ReconnectingSocket } from '../../src/index.js'

const [url = '', scenario = ''] = process.argv.slice(2)
let closedAt: bigint | undefined

process.on('exit', () => {
  const took = closedAt === undefined ? null : Number(process.hrtime.bigint() - closedAt) / 1e6
  writeSync(1, JSON.stringify({ took }))
})

function close(socket: ReconnectingSocket): void {
  closedAt = process.hrtime.bigint()
  socket.close()
}

const scenarios: Record<string, () => void> = {
  open() {
    const socket = new ReconnectingSocket(url)
    socket.on('open', () => close(socket))
  },
  silent() {
    const socket = new ReconnectingSocket(url, { closeTimeout: 30 })
    socket.on('open', () => close(socket))
  },
  terminate() {
    const socket = new ReconnectingSocket(url)
    socket.on('open', () => {
      closedAt = process.hrtime.bigint()
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
    close(socket)
  },
  retrying() {
    const socket = new ReconnectingSocket(url, { retry: { backoff: () => 300 } })
    socket.on('message', () => close(socket))
  },
}

scenarios[scenario]!()
