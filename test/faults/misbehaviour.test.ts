/** Servers that break the WebSocket protocol: the whole sequence of events, and what such a server is told. */
import { beforeEach, describe, expect, test } from 'vitest'
import { ConnectionError, type Options } from '../../src/index.js'
import { failedAndOpen, frame, meet, openedAndLost } from './misbehaving.js'
import { CLOSE, closeCode, closePayload, encode, type RawConnection, TEXT } from './raw-server.js'
import { SLACK, takeBaseline } from './record.js'

beforeEach(takeBaseline)

const LEGAL = Buffer.from([0, 0, 0, 0])
const INVALID_UTF8 = Buffer.from([0x61, 0xc3, 0x28])
const KIB = 1_024

describe('frames that a server must not send: close 1006, and the server is told why', () => {
  const frames: [string, Buffer, number, Options?][] = [
    ['masked', frame(0x81, 'hello', LEGAL), 1002],
    ['RSV1 without compression', frame(0xc1, 'hello'), 1002, { node: { perMessageDeflate: false } }],
    ['RSV2', frame(0xa1, 'hello'), 1002],
    ['RSV3', frame(0x91, 'hello'), 1002],
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): [string, Buffer, number] => [
      `the reserved opcode ${opcode}`,
      frame(0x80 | opcode, 'hello'),
      1002,
    ]),
    ['a continuation of nothing', frame(0x80, 'hello'), 1002],
    ['a message within a message', Buffer.concat([frame(0x01, 'hel'), frame(0x81, 'lo')]), 1002],
    ['a fragmented ping', frame(0x09, 'hello'), 1002],
    ['a ping of 126 bytes', encode(9, Buffer.alloc(126)), 1002],
    ['a length of 2⁶³', Buffer.from([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]), 1009],
    ['invalid UTF-8', frame(0x81, INVALID_UTF8), 1007],
    ['invalid UTF-8 across fragments', Buffer.concat([frame(0x01, '\u00e9').subarray(0, 0), cut('é')]), 1007],
    ['more than maxPayload', encode(TEXT, Buffer.alloc(KIB + 1, 'x')), 1009, { node: { maxPayload: KIB } }],
    [
      'more than maxPayload, in fragments',
      Buffer.concat([frame(0x01, 'x'.repeat(100)), encode(0, Buffer.alloc(KIB - 99, 'x'))]),
      1009,
      { node: { maxPayload: KIB } },
    ],
    ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535].map((code): [string, Buffer, number] => [
      `Close with the forbidden code ${code}`,
      encode(CLOSE, closePayload(code, 'bye')),
      1002,
    ]),
    ['Close with a payload of one byte', frame(0x88, 'x'), 1002],
    [
      'Close with a reason of invalid UTF-8',
      encode(CLOSE, Buffer.concat([closePayload(1000), INVALID_UTF8])),
      1007,
    ],
    ['a fragmented Close', frame(0x08, closePayload(1000)), 1002],
  ]
  test.each(frames)('%s', async (_, bytes, code, options) => {
    await meet(
      (connection) => void connection.accept({ after: bytes }),
      openedAndLost,
      options,
      async ({ seen, server }) => {
        const { payload } = await server.connections[0]!.frame(CLOSE)
        expect(closeCode(payload)).toBe(code)
        const { cause } = seen.of('close')[0]!
        expect(cause).toBeInstanceOf(ConnectionError)
        expect(cause!.cause).toBeInstanceOf(Error)
      },
    )
  })

  test('what came before is a message, what comes after is not', async () => {
    const bytes = [
      frame(0x81, 'one'),
      frame(0x01, 't'),
      frame(0x80, 'wo'),
      frame(0x83, 'bad'),
      frame(0x81, 'three'),
    ]
    await meet(
      (connection) => void connection.accept({ after: Buffer.concat(bytes) }),
      [...openedAndLost.slice(0, 2), 'message one', 'message two', ...openedAndLost.slice(2)],
    )
  })

  test('from a server that is silent after it: over all the same', async () => {
    const start = performance.now()
    await meet(
      (connection) => {
        connection.answers = 'nothing'
        void connection.accept({ after: frame(0xff, 'hello') })
      },
      openedAndLost,
      { closeTimeout: 200 },
    )
    expect(performance.now() - start).toBeLessThan(200 + SLACK)
  })
})

/** A text of two fragments, of which the second holds no more than the first byte of its character. */
function cut(text: string): Buffer {
  return Buffer.concat([frame(0x01, 'a'), frame(0x80, Buffer.from(text).subarray(0, 1))])
}

test('Close followed by silence: its code, within closeTimeout', async () => {
  const start = performance.now()
  await meet(
    (connection) => {
      connection.answers = 'nothing'
      void connection.accept().then(() => connection.sendClose(1001, 'bye'))
    },
    [...openedAndLost.slice(0, 3), 'close 1001 bye (peer, clean, retries)', ...openedAndLost.slice(4)],
    { closeTimeout: 200 },
  )
  expect(performance.now() - start).toBeLessThan(200 + SLACK)
})

test('Close, and then more messages: none of them arrives', async () => {
  const after = Buffer.concat([
    encode(TEXT, Buffer.from('one')),
    encode(CLOSE, closePayload(1001)),
    frame(0x81, 'two'),
  ])
  await meet(
    (connection) => void connection.accept({ after }).then(() => connection.fin()),
    [
      ...openedAndLost.slice(0, 2),
      'message one',
      'open → connecting',
      'close 1001 (peer, clean, retries)',
      ...openedAndLost.slice(4),
    ],
  )
})

describe('an upgrade that is none: one error, and a redial', () => {
  const upgrades: [string, (connection: RawConnection) => void, Options?][] = [
    [
      'a wrong Sec-WebSocket-Accept',
      (c) => answer(c, ['Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=']),
    ],
    ['no Sec-WebSocket-Accept', (c) => answer(c, [])],
    ['a subprotocol nobody asked for', (c) => void c.accept({ protocol: 'chat' })],
    [
      'a subprotocol other than asked for',
      (c) => void c.accept({ protocol: 'chat' }),
      { protocols: ['a', 'b'] },
    ],
    ['no subprotocol where one was asked for', (c) => void c.accept(), { protocols: 'a' }],
    ['another upgrade', (c) => answer(c, [], 'h2c')],
    ['no HTTP', (c) => void c.request.then(() => c.write('SSH-2.0-OpenSSH_9.6\r\n'))],
    ['an interim answer without end', (c) => void c.refuse(102)],
  ]
  test.each(upgrades)('%s', async (what, script, options) => {
    // a good server chooses none of the subprotocols, which is a failure too
    const asked = options?.protocols !== undefined
    const fails = what.startsWith('an interim') ? 'ERR_CONNECT_TIMEOUT' : 'ERR_CONNECTION'
    const words = asked ? ['connecting → closed', `error ${fails}`] : failedAndOpen(fails)
    await meet(script, words, { connectTimeout: 200, ...options, ...(asked && { retry: false }) })
  })

  test('headers without end', async () => {
    await meet((connection) => {
      const more = (): unknown => connection.write(`X-More: ${'x'.repeat(KIB)}\r\n`) && setImmediate(more)
      void connection.request.then(() => connection.write('HTTP/1.1 101 Switching Protocols\r\n')).then(more)
    }, failedAndOpen('ERR_CONNECTION'))
  })

  test('headers that trickle', async () => {
    await meet(
      (connection) => {
        const more = (): unknown =>
          connection.write('X-More: x\r\n') && setImmediate(() => setImmediate(more))
        void connection.request
          .then(() => connection.write('HTTP/1.1 101 Switching Protocols\r\nX'))
          .then(() => {
            connection.ended.then(
              () => clearInterval(timer),
              () => {},
            )
            const timer = setInterval(() => connection.write('x'), 20)
          })
        void more
      },
      failedAndOpen('ERR_CONNECT_TIMEOUT'),
      { connectTimeout: 200 },
    )
  })
})

function answer(connection: RawConnection, headers: readonly string[], upgrade = 'websocket'): void {
  void connection.refuse(101, [`Upgrade: ${upgrade}`, 'Connection: Upgrade', ...headers, ''].slice(0, -1))
}
