/** The faults that a page can meet: each with the whole sequence of events. */
import { frame, illegalFrames } from '../test/faults/frames.js'
import type { RawConnection } from '../test/faults/raw-server.js'
import { test } from './engine.js'
import { again, failed, lost, meet, opened, startMeeting, stopMeeting, timedOut } from './meet.js'

test.beforeAll(startMeeting)
test.afterAll(stopMeeting)

for (const status of [200, 302, 401, 404, 429, 503])
  test(`HTTP ${status}: one error, which a page cannot read, and a redial`, async ({ tab }, info) => {
    // WebKit follows the redirect, to a server that accepts
    const follows = status === 302 && info.project.name === 'webkit'
    const location = status === 302 ? ['Location: /elsewhere'] : []
    // else WebKit keeps the connection for a next request
    const headers = ['Content-Length: 0', 'Connection: close', 'Retry-After: 60', ...location]
    if (status === 401) headers.push('WWW-Authenticate: Basic')
    await meet(
      tab,
      (connection) => void connection.refuse(status, headers).then(() => connection.fin()),
      follows ? opened : failed,
    )
  })

const upgrade = ['Upgrade: websocket', 'Connection: Upgrade']
const refusals: [string, (connection: RawConnection) => void][] = [
  ['a wrong Sec-WebSocket-Accept', (c) => void c.refuse(101, [...upgrade, 'Sec-WebSocket-Accept: AAAA='])],
  ['no Sec-WebSocket-Accept', (c) => void c.refuse(101, upgrade)],
  ['a subprotocol nobody asked for', (c) => void c.accept({ protocol: 'chat' })],
  ['no HTTP', (c) => void c.request.then(() => c.write('SSH-2.0-OpenSSH_9.6\r\n'))],
  ['FIN while dialing', (c) => void c.request.then(() => c.fin())],
  ['RST while dialing', (c) => void c.request.then(() => c.rst())],
  [
    'FIN in the middle of the headers',
    (c) => void c.request.then(() => (c.write('HTTP/1.1 101 Switching\r\nUpg'), c.fin())),
  ],
]
for (const [what, script] of refusals)
  test(`${what}: one error, and a redial`, ({ tab }, info) => {
    const { name } = info.project
    if (what === 'a subprotocol nobody asked for' && name === 'firefox') return meet(tab, script, opened)
    // WebKit waits on for HTTP
    const waits = what === 'no HTTP' && name === 'webkit'
    return meet(tab, script, waits ? timedOut : failed, { connectTimeout: waits ? 1_000 : 10_000 })
  })

test('silence while dialing: an error at connectTimeout, and a redial', ({ tab }) =>
  meet(tab, (connection) => (connection.answers = 'nothing'), timedOut, { connectTimeout: 1_000 }))

/**
 * Sends it with the handshake; to Firefox when the page has been told of the connection, as what comes with the handshake
 * is forgotten there when the connection fails.
 */
const after =
  (project: string, bytes: Buffer) =>
  async (connection: RawConnection, toldOfOpen: () => Promise<void>): Promise<void> => {
    if (project !== 'firefox') return connection.accept({ after: bytes })
    await connection.accept()
    await toldOfOpen()
    connection.write(bytes)
  }

/** What Firefox lets pass. */
const takenByFirefox: Readonly<Record<string, readonly string[]>> = {
  masked: ['message hello'],
  'Close with the forbidden code 1005': [
    'open → connecting',
    'close 1005 bye (peer, clean, retries)',
    ...again,
  ],
}

const chromiumOnly = { tag: '@chromium' }

/** One of each kind, for the engines that do not run them all. */
const ofEachKind = [
  'masked',
  'RSV2',
  'the reserved opcode 3',
  'a continuation of nothing',
  'a ping of 126 bytes',
  'invalid UTF-8',
  'Close with the forbidden code 1005',
]
for (const [what, bytes] of illegalFrames)
  test(
    `${what}: close 1006, and a redial`,
    ofEachKind.includes(what) ? {} : chromiumOnly,
    ({ tab }, info) => {
      const taken = info.project.name === 'firefox' ? takenByFirefox[what] : undefined
      const words = taken ? [...opened, ...taken] : lost
      return meet(tab, (...given) => void after(info.project.name, bytes)(...given), words)
    },
  )

test('what came before an illegal frame is a message, what comes after is not', async ({ tab }, info) => {
  const frames = [frame(0x81, 'one'), frame(0x01, 't'), frame(0x80, 'wo'), frame(0x83), frame(0x81, 'three')]
  await meet(tab, (...given) => void after(info.project.name, Buffer.concat(frames))(...given), [
    ...opened,
    'message one',
    'message two',
    ...lost.slice(2),
  ])
})

const ends: [string, (connection: RawConnection) => void][] = [
  ['FIN', (connection) => connection.fin()],
  ['RST', (connection) => connection.rst()],
  ['FIN in the middle of a frame', (c) => (c.write(frame(0x81, 'hello').subarray(0, 4)), c.fin())],
]
for (const [what, end] of ends)
  test(`${what}: close 1006, and a redial`, ({ tab }) =>
    meet(
      tab,
      (connection, toldOfOpen) =>
        void connection
          .accept()
          .then(toldOfOpen)
          .then(() => end(connection)),
      lost,
    ))

test('Close, then silence: its code, and a redial', ({ tab }) =>
  meet(
    tab,
    (connection) => {
      connection.answers = 'nothing'
      void connection.accept().then(() => connection.sendClose(1001, 'bye'))
    },
    [...opened, 'open → connecting', 'close 1001 bye (peer, clean, retries)', ...again],
  ))
