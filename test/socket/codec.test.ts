/** `codec`: an application's messages, and how they go over the wire. */
import { describe, expect, test } from 'vitest'
import { CodecError, InvalidArgumentError } from '../../src/diagnostics/errors.js'
import { json, type ReconnectingSocket, ReconnectingWebSocket } from '../../src/index.js'
import { settled } from '../sim/clock.js'
import { open, simulate } from '../sim/socket.js'
import { nothingUnhandled } from '../sim/unhandled.js'

nothingUnhandled()

type Loose = ReconnectingSocket<never, unknown, unknown>

describe('json', () => {
  test('goes over the wire as text, and is heard as it was', async () => {
    const { socket, link } = await open({ codec: json })
    const heard: unknown[] = []
    socket.on('message', (message) => heard.push(message))
    for (const message of [{ a: [1, null] }, 'text', 5, true, null])
      expect((socket as unknown as Loose).send(message)).toBe('sent')
    expect(link.sent).toEqual(['{"a":[1,null]}', '"text"', '5', 'true', 'null'])
    for (const data of link.sent) link.message(data as string)
    expect(heard).toEqual([{ a: [1, null] }, 'text', 5, true, null])
  })

  test('is the same as json(), and checks nothing', () => {
    const codec = json<{ a: number }, string>()
    expect([codec.encode({ a: 1 }), codec.decode('"x"')]).toEqual(['{"a":1}', 'x'])
  })

  test('what there is no JSON for is refused, and nothing is accepted', async () => {
    const { socket } = await open({ codec: json })
    const circle: { self?: unknown } = {}
    circle.self = circle
    for (const message of [undefined, () => {}, circle, 5n]) {
      const error = await Promise.resolve()
        .then(() => (socket as unknown as Loose).send(message))
        .catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(CodecError)
      expect(error).toMatchObject({ code: 'ERR_CODEC', cause: expect.any(TypeError) as unknown })
    }
    expect(socket.outbox.size).toBe(0)
  })
})

test('what cannot be decoded is told, and loses nothing else', async () => {
  const { link, said } = await open({ codec: json })
  for (const data of ['1', '{', new ArrayBuffer(1), '2']) link.message(data)
  expect(said()).toEqual(['message 1', 'undecodable {', 'undecodable [object ArrayBuffer]', 'message 2'])
})

test('the outbox holds what goes over the wire', async () => {
  const { socket, clock, platform } = simulate({ codec: json })
  ;(socket as unknown as Loose).send({ a: 1 })
  expect([socket.outbox.list(), socket.snapshot.queuedBytes]).toEqual([['{"a":1}'], 7])
  await clock.advance(0)
  platform.link.open()
  expect(platform.link.sent).toEqual(['{"a":1}'])
})

test('what encode() gives has to be something that can be sent', async () => {
  const { socket } = await open({ codec: { encode: () => 5 as never, decode: (data) => data } })
  expect(() => socket.send('x')).toThrow(InvalidArgumentError)
})

test('the iteration gives what was decoded', async () => {
  const { socket, link } = await open({ codec: json })
  const all = socket[Symbol.asyncIterator]()
  link.message('{"a":1}')
  expect(await all.next()).toEqual({ done: false, value: { a: 1 } })
})

describe('a hello', () => {
  test('sends and receives messages', async () => {
    const { link, said } = await (async () => {
      const simulated = simulate({
        codec: json,
        hello: async ({ send, receive }) => {
          ;(send as (message: unknown) => void)({ token: 1 })
          expect(await receive()).toEqual({ ok: true })
          return { done: true } as never
        },
      })
      await settled()
      simulated.link.open()
      return simulated
    })()
    said()
    link.message('{"ok":true}')
    await settled()
    expect(link.beats).toEqual(['{"token":1}', '{"done":true}'])
    expect(said()).toEqual(['connecting→open', 'open 0'])
  })

  test('may be a message of the application’s', async () => {
    const { platform } = simulate({ codec: json, hello: { token: 1 } as never })
    await settled()
    platform.link.open()
    await settled()
    expect(platform.link.beats).toEqual(['{"token":1}'])
  })

  test('that receives what cannot be decoded fails', async () => {
    const { socket, platform } = simulate({
      codec: json,
      hello: async ({ receive }) => void (await receive()),
    })
    await settled()
    platform.link.open()
    platform.link.message('{')
    await settled()
    expect(socket.snapshot.lastEnd?.cause).toMatchObject({ code: 'ERR_HELLO', cause: { code: 'ERR_CODEC' } })
  })
})

test('a heartbeat is not the codec’s affair', async () => {
  const { link, said, clock } = await open({
    codec: json,
    heartbeat: { interval: 1_000, message: 'ping', isReply: (data) => data === 'pong' },
  })
  await clock.advance(1_000)
  expect(link.beats).toEqual(['ping'])
  link.message('pong')
  expect(said()).toEqual([expect.stringMatching(/^heartbeat/)])
})

test('the WHATWG face has none', () => {
  const face = (): unknown =>
    new ReconnectingWebSocket('ws://a.test/', [], { autoConnect: false, codec: json } as never)
  expect(face).toThrow(expect.objectContaining({ argument: 'codec' }))
})
