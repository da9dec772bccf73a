/** What one turn of the event loop sends: in how many writes, and what counts as buffered until it is over. */
import { connect } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { platform } from '../../../src/platform/node.js'
import type { Link } from '../../../src/platform/platform.js'
import { loadWs } from '../../../src/platform/node/ws.js'
import { growth } from '../../cost.js'
import { TEXT } from '../../faults/raw-server.js'
import { dialOptions, LinkRecorder } from '../../sim/listener.js'
import { raw } from './meet.js'

beforeAll(loadWs)

/** An open link, what the peer has of it, and how many writes the system was given. */
async function opened(perMessageDeflate = false) {
  const server = await raw()
  const listener = new LinkRecorder()
  let stream!: Record<'_write' | '_writev', (...args: unknown[]) => void>
  const createConnection = () => (stream = connect(Number(new URL(server.url).port), '127.0.0.1') as never)
  const link = platform.dial(
    { url: server.url, protocols: undefined },
    { ...dialOptions, node: { createConnection, perMessageDeflate } },
    listener,
  )
  onTestFinished(() => link.drop())
  await listener.until('open')
  await turn()
  let writes = 0
  for (const name of ['_write', '_writev'] as const) {
    const method = stream[name].bind(stream)
    stream[name] = (...args) => {
      writes++
      method(...args)
    }
  }
  /** How many writes that took. */
  const during = async (what: () => unknown): Promise<number> => {
    const before = writes
    await what()
    return writes - before
  }
  return { link, listener, during, peer: await server.connection(0) }
}

const send = (link: Link, count: number): void => {
  for (let i = 0; i < count; i++) link.send({ data: 'x', expires: Infinity })
}

test('a lone message goes out at once', async () => {
  const { link, during } = await opened()
  for (let i = 0; i < 20; i++) {
    expect(await during(() => send(link, 1))).toBe(1)
    await turn()
  }
})

test('of several, all behind the first go out together; and all of them, where the turn before had several', async () => {
  const { link, during } = await opened()
  const burst = async (count: number): Promise<number> =>
    during(async () => {
      send(link, count)
      await turn()
    })
  expect([await burst(3), await burst(3), await burst(100)]).toEqual([2, 1, 1])
  expect(await during(() => send(link, 1))).toBe(0)
  await turn()
  expect(await during(() => send(link, 1))).toBe(1)
})

test('that there are several is noticed within eight messages, however many came by themselves', async () => {
  const { link, during, peer } = await opened()
  for (let i = 0; i < 100; i++) {
    send(link, 1)
    await turn()
  }
  const writes = await during(async () => {
    send(link, 100)
    await turn()
  })
  expect(writes).toBeLessThanOrEqual(10)
  await peer.frame(TEXT, 200)
})

test('what a turn has sent counts as buffered until it is over', async () => {
  const { link } = await opened()
  for (const next of [() => turn(), () => Promise.resolve()]) {
    link.send({ data: 'é', expires: Infinity })
    expect(link.payloads).toBe(2)
    await next()
    await next()
    expect(link.payloads).toBe(0)
  }
  link.send({ data: 'é', expires: Infinity })
  link.send({ data: Uint8Array.of(1), expires: Infinity })
  expect(link.payloads).toBe(3)
  link.send({ data: new Blob(['four']), expires: Infinity })
  expect(link.payloads).toBe(7)
  await turn()
  send(link, 2)
  expect(link.payloads).toBeGreaterThanOrEqual(2)
})

test('and does so for each message to whoever asks within the turn', async () => {
  const { link } = await opened()
  for (let i = 0; i < 30; i++) {
    send(link, 1)
    expect(link.payloads).toBe(1)
    await turn()
  }
})

test('asking costs the same however much is buffered', async () => {
  const { link } = await opened()
  const grows = growth(
    (n) => () => {
      for (let i = 0; i < n; i++) {
        send(link, 1)
        void link.payloads
      }
    },
    2_000,
  )
  expect(grows).toBeLessThan(2.5)
})

test('small buffers that come back are as they were, each in memory of its own', async () => {
  const { link } = await opened()
  const data = Uint8Array.of(1, 2)
  send(link, 2)
  for (const given of [data, data.subarray(1), data.buffer, new DataView(data.buffer)])
    link.send({ data: given, expires: 5 })
  data.fill(9)
  const [, ...back] = link.unsent().map((message) => message.data as Uint8Array)
  expect(back).toEqual([
    Uint8Array.of(1, 2),
    Uint8Array.of(2),
    Uint8Array.of(1, 2).buffer,
    Uint8Array.of(1, 2),
  ])
  expect([back[0]!.buffer.byteLength, back[1]!.buffer.byteLength]).toEqual([2, 1])
})
