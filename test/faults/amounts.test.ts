/** bufferedAmount of the face over real connections: payload alone, over as many tasks as it takes. */
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { Duplex } from 'node:stream'
import { setImmediate as task } from 'node:timers/promises'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { type NodeOptions, ReconnectingWebSocket } from '../../src/index.js'
import { eventually, takeBaseline } from './record.js'

beforeEach(takeBaseline)

/** More than a network takes at once; no compression makes it small. */
const large = new Uint8Array(6 * 2 ** 20).map((_, i) => (i * i * 31) >> (i % 7))

/** A connection to a server that stops reading before the first message. */
async function connected(node: NodeOptions, perMessageDeflate: boolean) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate })
  onTestFinished(() => {
    for (const peer of server.clients) peer.terminate()
    server.close()
  })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const accepted = once(server, 'connection') as Promise<[WebSocket]>
  const socket = new ReconnectingWebSocket(`ws://127.0.0.1:${port}`, [], { retry: false, node })
  const [[peer]] = await Promise.all([accepted, once(socket as never, 'open')])
  peer.pause()
  return { socket, peer }
}

/** A stream that does not say what it has given away. */
function own({ port }: { readonly port?: unknown }): Duplex {
  const tcp = connect(Number(port), '127.0.0.1')
  const stream = new Duplex({
    read: () => {},
    write: (chunk, _, done) => void tcp.write(chunk, () => done()),
    destroy: (error, done) => done(tcp.destroy() && error),
  })
  tcp.on('data', (chunk) => stream.push(chunk)).on('end', () => stream.push(null))
  tcp.on('error', () => {})
  return stream
}

const ways: [string, NodeOptions, boolean][] = [
  ['as it is', {}, false],
  ['compressed', { perMessageDeflate: { threshold: 0 } }, true],
  ['over a stream of the user’s', { createConnection: own as never }, false],
]

test.each(ways)('what a peer does not read counts to the byte, %s', async (_, node, compressed) => {
  const { socket, peer } = await connected(node, compressed)
  let told = 0
  peer.on('message', () => told++)
  socket.send(large)
  let sum = large.length
  const small = ['', 'é', 'x'.repeat(125), 'x'.repeat(126), 'x'.repeat(65_535), 'x'.repeat(65_536)]
  const sizes = [0, 2, 125, 126, 65_535, 65_536]
  for (let round = 0; round < 5; round++) {
    for (const [i, size] of sizes.entries()) {
      socket.send(small[i]!)
      sum += size
      if (i % 2 === 0) expect(socket.bufferedAmount).toBe(sum)
    }
    socket.send(new Blob(['blob']))
    sum += 4
    expect(socket.bufferedAmount).toBe(sum)
    await task()
    expect(socket.bufferedAmount).toBe(sum)
  }
  const seen: number[] = []
  peer.resume()
  await eventually(
    () => `bufferedAmount ${socket.bufferedAmount} after ${told} messages`,
    () => seen.push(socket.bufferedAmount) > 0 && seen.at(-1) === 0 && told === 36,
  )
  expect(seen.filter((amount, i) => amount < 0 || amount > (seen[i - 1] ?? sum))).toEqual([])
})
