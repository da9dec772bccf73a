/** Over a Duplex of the user's own, which does not tell what it has given away. */
import { connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import type { NodeOptions } from '../../../src/options/node-options.js'
import { platform } from '../../../src/platform/node.js'
import type { Link } from '../../../src/platform/platform.js'
import { CLOSE, type RawServer, serve, TEXT } from '../../faults/raw-server.js'
import { dialOptions, LinkRecorder } from '../../sim/listener.js'
import type { Sendable } from '../../../src/delivery/payload.js'
import { loadWs } from '../../../src/platform/node/ws.js'

/** A connection in the hands of a test: what is written waits until the test lets it through. */
class Gate extends Duplex {
  readonly #tcp: Socket
  mode: 'through' | 'holding' | 'refusing' = 'through'
  #held: (() => void)[] = []

  constructor(tcp: Socket) {
    super()
    this.#tcp = tcp
    tcp.on('data', (chunk) => void this.push(chunk)).on('end', () => void this.push(null))
    tcp.on('error', () => {})
  }

  override _read(): void {}

  override _write(chunk: Buffer, _: string, done: (error?: Error) => void): void {
    if (this.mode === 'refusing') return done(new Error('refused'))
    const write = (): void => void this.#tcp.write(chunk, () => done())
    if (this.mode === 'holding') this.#held.push(write)
    else write()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#tcp.destroy()
    done(error)
  }

  /** Lets the write that is held through, and all that follow. */
  release(): void {
    this.mode = 'through'
    for (const write of this.#held.splice(0)) write()
  }
}

async function opened(node: NodeOptions = {}): Promise<{
  link: Link
  listener: LinkRecorder
  gate: Gate
  server: RawServer
}> {
  await loadWs()
  const server = await serve((one) => void one.accept())
  let gate!: Gate
  const listener = new LinkRecorder()
  const createConnection = (): Duplex => (gate = new Gate(connect(server.port, '127.0.0.1')))
  const link = platform.dial(
    { url: server.url, protocols: undefined, agentFor: () => Promise.resolve(undefined) } as never,
    { ...dialOptions, node: { ...node, createConnection } },
    listener,
  )
  onTestFinished(() => {
    link.drop()
    return server.stop()
  })
  await listener.until('open')
  return { link, listener, gate, server }
}

const send = (link: Link, ...all: Sendable[]): boolean[] =>
  all.map((data) => link.send({ data, expires: Infinity }))
const unsent = (link: Link): Sendable[] => link.unsent().map(({ data }) => data)

test('all arrive, in order, heartbeats among them, and the Close frame behind them', async () => {
  const { link, listener, gate, server } = await opened()
  gate.mode = 'holding'
  send(link, 'a', new Blob(['b']))
  link.beat('beat')
  send(link, Uint8Array.of(100))
  link.close(3_000)
  // the first with its header, the others without
  expect(link.bufferedAmount).toBe(7 + 1 + 4 + 1)
  expect(link.payloads).toBe(3)
  gate.release()
  const connection = server.connections[0]!
  await connection.frame(CLOSE)
  const frames = connection.frames.slice(0, 4).map(({ payload }) => payload.toString())
  expect(frames).toEqual(['a', 'b', 'beat', 'd'])
  await listener.until('room')
  expect([unsent(link), link.payloads]).toEqual([[], 0])
  expect(listener.all('room').length).toBe(1)
})

test('close() with nothing waiting is at once', async () => {
  const { link, server } = await opened()
  send(link, 'a')
  await server.connections[0]!.frame(TEXT, 1)
  link.close()
  await server.connections[0]!.frame(CLOSE)
})

test('what is behind the one under way is unsent, as it was; heartbeats are nobody’s loss', async () => {
  const { link, gate } = await opened()
  gate.mode = 'holding'
  const data = Uint8Array.of(1)
  send(link, 'under way', data, 'b')
  link.beat('beat')
  data.fill(9)
  expect(unsent(link)).toEqual([Uint8Array.of(1), 'b'])
  link.drop()
  expect(unsent(link)).toEqual([Uint8Array.of(1), 'b'])
})

test('what is refused is unsent too, and what comes after it', async () => {
  const { link, gate, listener } = await opened()
  gate.mode = 'refusing'
  send(link, 'a', 'b')
  expect(unsent(link)).toEqual(['a', 'b'])
  await listener.until('close')
  expect(unsent(link)).toEqual(['a', 'b'])
})

test('a Blob that cannot be read is told of, and the others arrive', async () => {
  const { link, listener, server } = await opened()
  const unreadable = Object.assign(new Blob(['x']), { arrayBuffer: () => Promise.reject(new Error('gone')) })
  const strange = Object.assign(new Blob(['x']), { arrayBuffer: undefined }) as unknown as Blob
  send(link, unreadable, strange, 'a')
  await server.connections[0]!.frame(TEXT, 1)
  expect(listener.all('lost')).toEqual([
    ['lost', unreadable],
    ['lost', strange],
  ])
  expect(server.connections[0]!.texts).toEqual(['a'])
})

test('a Blob that turns out to be unreadable when the connection has ended is not told of: it has come back', async () => {
  const { link, listener } = await opened()
  let fail!: (error: Error) => void
  const reading = new Promise<ArrayBuffer>((_, reject) => (fail = reject))
  const unreadable = Object.assign(new Blob(['x']), { arrayBuffer: () => reading })
  send(link, unreadable, 'a')
  expect(unsent(link)).toEqual([unreadable, 'a'])
  link.drop()
  fail(new Error('gone'))
  await reading.catch(() => {})
  await Promise.resolve()
  expect([listener.all('lost'), unsent(link)]).toEqual([[], [unreadable, 'a']])
})

test('a heartbeat that cannot be read is nobody’s loss, and holds up nothing', async () => {
  const { link, listener, server } = await opened()
  link.beat(Object.assign(new Blob(['x']), { arrayBuffer: () => Promise.reject(new Error('gone')) }))
  send(link, 'a')
  await server.connections[0]!.frame(TEXT, 1)
  expect([listener.all('lost'), link.payloads]).toEqual([[], 0])
})

test('a Blob that is read when the connection is closing stays', async () => {
  const { link, listener, server } = await opened()
  let deliver!: (bytes: ArrayBuffer) => void
  const slow = Object.assign(new Blob(['x']), {
    arrayBuffer: () => new Promise<ArrayBuffer>((resolve) => (deliver = resolve)),
  })
  send(link, slow)
  server.connections[0]!.close(4_000)
  await listener.until('close')
  deliver(new ArrayBuffer(1))
  await Promise.resolve()
  expect(unsent(link)).toEqual([slow])
})

test('it need not be able to do what a net.Socket can, and what it brings is counted', async () => {
  const { link, listener, server } = await opened({ noDelay: false, keepAlive: true })
  const before = link.received!()
  server.connections[0]!.send('abc')
  await listener.until('message')
  expect(link.received!() - before).toBe(5)
})

test('a Blob that is sent when the connection is closing stays, and is not read', async () => {
  const { link } = await opened()
  let reads = 0
  const blob = Object.assign(new Blob(['x']), { arrayBuffer: () => Promise.reject(new Error(`${++reads}`)) })
  link.close()
  send(link, blob, 'a')
  expect([unsent(link), reads]).toEqual([[blob, 'a'], 0])
})
