/** What is not documented of Node's streams, on the Node that runs this. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { Duplex } from 'node:stream'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { bytesGiven, isCounted, sizeOf } from '../../../src/platform/node/stream.js'
import { selfSigned } from '../../faults/tls.js'

const large = 16 * 2 ** 20
const certificate = selfSigned('127.0.0.1', new Date(Date.now() - 1e6), new Date(Date.now() + 1e9))

test.each(['net', 'tls'] as const)(
  'of node:%s: what is queued was not given, also after the end',
  async (kind) => {
    const server =
      kind === 'net'
        ? createServer((peer) => void peer.on('error', () => {}).pause())
        : createTlsServer(certificate, (peer) => void peer.on('error', () => {}).pause())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const stream =
      kind === 'net'
        ? connect(port, '127.0.0.1')
        : connectTls({ port, host: '127.0.0.1', ca: certificate.cert, checkServerIdentity: () => undefined })
    onTestFinished(() => {
      stream.destroy()
      server.close()
    })
    await once(stream, kind === 'net' ? 'connect' : 'secureConnect')
    expect(isCounted(stream)).toBe(true)
    if (!isCounted(stream)) return
    const before = stream.bytesWritten
    stream.write(Buffer.alloc(large))
    stream.write(Buffer.alloc(1_000))
    stream.write('é', 'utf8')
    expect([stream.bytesWritten - before, bytesGiven(stream) - before]).toEqual([large + 1_002, large])
    stream.destroy()
    expect(bytesGiven(stream) - before).toBe(large)
    await once(stream, 'close')
    expect(bytesGiven(stream) - before).toBe(large)
  },
)

test('a Duplex of a user’s does not tell', () => {
  expect(isCounted(new Duplex())).toBe(false)
})

test('a chunk of text counts by its bytes', () => {
  expect([sizeOf('é'), sizeOf('é', 'latin1'), sizeOf(Buffer.alloc(3))]).toEqual([2, 1, 3])
})
