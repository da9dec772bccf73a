/** Servers that break the WebSocket protocol: the whole sequence of events, and what such a server is told. */
import { beforeEach, describe, expect, test } from 'vitest'
import { ConnectionError, type Options } from '../../src/index.js'
import { frame, illegalFrames } from './frames.js'
import { failedAndOpen, meet, openedAndLost } from './misbehaving.js'
import { CLOSE, closeCode, closePayload, encode, type RawConnection, TEXT } from './raw-server.js'
import { quiet, SLACK, stopwatch, takeBaseline } from './record.js'

beforeEach(takeBaseline)

const KIB = 1_024

describe('frames that a server must not send: close 1006, and the server is told why', () => {
  type Case = [what: string, bytes: Buffer, code: number, options?: Options]
  const maxPayload = KIB
  const frames: Case[] = [
    ...illegalFrames,
    ['RSV1 without compression', frame(0xc1, 'hello'), 1002, { node: { perMessageDeflate: false } }],
    ['more than maxPayload', encode(TEXT, Buffer.alloc(KIB + 1, 'x')), 1009, { node: { maxPayload } }],
    [
      'more than maxPayload, in fragments',
      Buffer.concat([frame(0x01, 'x'.repeat(100)), encode(0, Buffer.alloc(KIB - 99, 'x'))]),
      1009,
      { node: { maxPayload } },
    ],
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
    const elapsed = stopwatch()
    await meet(
      (connection) => {
        connection.answers = 'nothing'
        void connection.accept({ after: frame(0xff, 'hello') })
      },
      openedAndLost,
      { closeTimeout: 200 },
    )
    expect(elapsed()).toBeLessThan(200 + SLACK)
  })
})

test('Close followed by silence: its code, within closeTimeout', async () => {
  const elapsed = stopwatch()
  await meet(
    (connection) => {
      connection.answers = 'nothing'
      void connection.accept().then(() => connection.sendClose(1001, 'bye'))
    },
    [...openedAndLost.slice(0, 3), 'close 1001 bye (peer, clean, retries)', ...openedAndLost.slice(4)],
    { closeTimeout: 200 },
  )
  expect(elapsed()).toBeLessThan(200 + SLACK)
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
    const endless = what.startsWith('an interim')
    const fails = endless ? 'ERR_CONNECT_TIMEOUT' : 'ERR_CONNECTION'
    const words = asked ? ['connecting → closed', `error ${fails}`] : failedAndOpen(fails)
    await meet(script, words, {
      ...(endless && { connectTimeout: 500 }),
      ...options,
      ...(asked && { retry: false }),
    })
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
        const trickle = async (): Promise<void> => {
          await connection.request
          connection.write('HTTP/1.1 101 Switching Protocols\r\nX-More: ')
          while (connection.write('x')) await quiet(10)
        }
        void trickle()
      },
      failedAndOpen('ERR_CONNECT_TIMEOUT'),
      { connectTimeout: 500 },
    )
  })
})

function answer(connection: RawConnection, headers: readonly string[], upgrade = 'websocket'): void {
  void connection.refuse(101, [`Upgrade: ${upgrade}`, 'Connection: Upgrade', ...headers])
}
