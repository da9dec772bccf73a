/** What is sent is what arrives, in every form and both ways. */
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { InvalidArgumentError, type Options, ReconnectingSocket } from '../../src/index.js'
import { eventually, nothingLeft, record, takeBaseline } from './record.js'
import type { Sendable } from '../../src/delivery/payload.js'

beforeEach(takeBaseline)

const servers: WebSocketServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
})

/** A server of `ws`: keeps what it gets as hex or text, and echoes it. */
async function echo(perMessageDeflate: boolean) {
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    perMessageDeflate: perMessageDeflate && { threshold: 0 },
  })
  servers.push(server)
  const got: string[] = []
  server.on('connection', (peer: WebSocket) => {
    peer.on('message', (data: RawData, isBinary) => {
      got.push((data as Buffer).toString(isBinary ? 'hex' : 'utf8'))
      peer.send(data, { binary: isBinary })
    })
  })
  await new Promise((resolve) => server.once('listening', resolve))
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, got }
}

async function end(socket: ReconnectingSocket): Promise<void> {
  socket.close()
  await socket.closed
  const server = servers.pop()!
  await new Promise((resolve) => server.close(resolve))
  await nothingLeft(socket)
}

const hex = async (data: unknown): Promise<string> =>
  Buffer.from(data instanceof Blob ? await data.arrayBuffer() : (data as ArrayBuffer)).toString('hex')

const bytes = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8])
const payloads: [string, () => Sendable, string][] = [
  ['an ArrayBuffer', () => bytes.slice().buffer, '0102030405060708'],
  ['an empty ArrayBuffer', () => new ArrayBuffer(0), ''],
  ['a Uint8Array', () => bytes.slice(), '0102030405060708'],
  ['a typed array with an offset', () => bytes.slice().subarray(2, 5), '030405'],
  ['an Int16Array with an offset', () => new Int16Array(bytes.slice().buffer, 2, 2), '03040506'],
  ['a DataView with an offset', () => new DataView(bytes.slice().buffer, 4, 3), '050607'],
  ['a Buffer out of the pool', () => Buffer.from('everopen'), Buffer.from('everopen').toString('hex')],
  ['a Blob', () => new Blob([bytes.slice(1, 3), 'x']), '020378'],
  ['70,000 bytes', () => new Uint8Array(70_000).fill(7), '07'.repeat(70_000)],
]

describe.each([false, true])('permessage-deflate: %s', (deflate) => {
  test.each(['', 'hello', 'héllo €  𝄞', 'x'.repeat(70_000)])('text %#', async (text) => {
    const { url, got } = await echo(deflate)
    const socket = new ReconnectingSocket(url)
    const seen = record(socket)
    expect(socket.send(text)).toBe('queued')
    await seen.until('open')
    expect(socket.extensions).toBe(deflate ? 'permessage-deflate' : '')
    expect(socket.send(text)).toBe('sent')
    await seen.until('message', 2)
    expect(got).toEqual([text, text])
    expect(seen.of('message')).toEqual([text, text])
    await end(socket)
  })

  test.each(payloads)(
    '%s, from the outbox and directly, back as ArrayBuffer and as Blob',
    async (_, make, expected) => {
      const { url, got } = await echo(deflate)
      const socket = new ReconnectingSocket(url)
      const seen = record(socket)
      expect(socket.send(make())).toBe('queued')
      await seen.until('open')
      expect(socket.send(make())).toBe('sent')
      await seen.until('message', 2)
      socket.binaryType = 'blob'
      socket.send(make())
      await seen.until('message', 3)
      expect(got).toEqual([expected, expected, expected])
      const back = seen.of('message')
      expect(back.map((data) => data.constructor.name)).toEqual(['ArrayBuffer', 'ArrayBuffer', 'Blob'])
      expect(await Promise.all(back.map(hex))).toEqual([expected, expected, expected])
      await end(socket)
    },
  )

  test('a buffer changed after send() is not what arrives: queued, direct, behind others, behind a Blob', async () => {
    const { url, got } = await echo(deflate)
    const socket = new ReconnectingSocket(url)
    const seen = record(socket)
    const send = (data: Uint8Array<ArrayBuffer>, form: 'view' | 'buffer'): void => {
      socket.send(form === 'view' ? data : data.buffer)
      data.fill(0xff)
    }
    send(bytes.slice(), 'view')
    send(bytes.slice(), 'buffer')
    await seen.until('open')
    send(bytes.slice(), 'view')
    send(bytes.slice(), 'buffer')
    socket.send('x'.repeat(100_000))
    send(bytes.slice(), 'view')
    socket.send(new Blob(['blob']))
    send(bytes.slice(), 'view')
    send(bytes.slice(), 'buffer')
    await seen.until('message', 9)
    const plain = '0102030405060708'
    const expected = [plain, plain, plain, plain, 'x'.repeat(100_000), plain, '626c6f62', plain, plain]
    expect(got).toEqual(expected)
    await end(socket)
  })

  test('bufferedAmount returns to 0', async () => {
    const { url } = await echo(deflate)
    const socket = new ReconnectingSocket(url)
    const seen = record(socket)
    socket.send('é')
    socket.send(new Uint8Array(10))
    expect(socket.bufferedAmount).toBe(12)
    await seen.until('message', 2)
    await eventually(
      () => `bufferedAmount ${socket.bufferedAmount}`,
      () => socket.bufferedAmount === 0,
    )
    await end(socket)
  })
})

test('binaryType: an option, and a property that holds for the connections to come', async () => {
  const { url } = await echo(false)
  const socket = new ReconnectingSocket(url, { binaryType: 'blob' })
  const seen = record(socket)
  expect(socket.binaryType).toBe('blob')
  socket.send(bytes.slice())
  await seen.until('message')
  socket.reconnect()
  socket.send(bytes.slice())
  await seen.until('message', 2)
  socket.binaryType = 'arraybuffer'
  socket.reconnect()
  socket.send(bytes.slice())
  await seen.until('message', 3)
  expect(seen.of('message').map((data) => data.constructor.name)).toEqual(['Blob', 'Blob', 'ArrayBuffer'])
  expect(() => (socket.binaryType = 'nodebuffer' as 'blob')).toThrow(InvalidArgumentError)
  await end(socket)
})

test.each([5, null, undefined, {}, [1], Symbol.iterator, new Date(0)])(
  '%o cannot be sent, and does no harm',
  async (data) => {
    const { url, got } = await echo(false)
    const socket = new ReconnectingSocket(url)
    const seen = record(socket)
    const send = (): unknown => socket.send(data as unknown as string)
    expect(send).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', argument: 'data' }))
    await seen.until('open')
    expect(send).toThrow(InvalidArgumentError)
    socket.send('fine')
    await seen.until('message')
    expect(got).toEqual(['fine'])
    await end(socket)
  },
)

test.each<[string, Options]>([
  ['without an offer', {}],
  ['one offered', { protocols: 'b' }],
  ['several offered', { protocols: ['a', 'b', 'c'] }],
])('the subprotocol that the server chose: %s', async (_, options) => {
  const { url } = await echo(false)
  servers[0]!.options.handleProtocols = () => 'b'
  const socket = new ReconnectingSocket(url, options)
  expect(socket.protocol).toBe('')
  await socket.opened
  expect(socket.protocol).toBe(options.protocols ? 'b' : '')
  await end(socket)
})
