/** How it ends: by the server's Close frame, and by `close()` in every state. Ends without a word are in faults.spec.ts. */
import { CLOSE, serve } from '../test/faults/raw-server.js'
import { expect, test } from './engine.js'
import {
  again,
  closedByUser,
  type InPage,
  lost,
  meet,
  opened,
  site,
  startMeeting,
  stopMeeting,
} from './meet.js'

test.beforeAll(startMeeting)
test.afterAll(stopMeeting)

for (const code of [undefined, 1000, 1001, 1011, 1012, 3000 + 999])
  test(`the server closes with ${code ?? 'no code'}: its word, and a redial`, async ({ tab }, info) => {
    const said = code === undefined ? '1005' : `${code} häh`
    // WebKit takes 1012 for a code that must not be
    const forbidden = code === 1012 && info.project.name === 'webkit'
    await meet(
      tab,
      async (connection, toldOfOpen) => {
        connection.answers = 'nothing'
        await connection.accept()
        await toldOfOpen()
        connection.sendClose(code, 'häh')
        // FIN before the client has answered is an unclean end to Firefox and WebKit
        await connection.frame(CLOSE)
        connection.fin()
      },
      forbidden ? lost : [...opened, 'open → connecting', `close ${said} (peer, clean, retries)`, ...again],
      // 1012 asks for 5 s at least
      { wait: 5 },
    )
  })

interface Case {
  readonly state: string
  /** How many connections the server sees in all. */
  readonly connections: number
  readonly words: readonly string[]
}

const cases: readonly Case[] = [
  { state: 'idle', connections: 0, words: ['idle → closed'] },
  { state: 'preparing', connections: 0, words: ['connecting → closed'] },
  { state: 'dialing', connections: 1, words: ['connecting → closed'] },
  { state: 'waiting', connections: 1, words: ['error ERR_CONNECTION', 'connecting → closed'] },
  { state: 'open', connections: 1, words: [...opened, ...closedByUser] },
  { state: 'closing', connections: 1, words: [...opened, ...closedByUser] },
  { state: 'closed', connections: 1, words: [...opened, ...closedByUser] },
]
for (const { state, connections, words } of cases)
  test(`close() in ${state}: closed for good, and nothing left`, async ({ tab }, info) => {
    const server = await serve((connection) => {
      if (state === 'dialing') return
      if (state === 'waiting')
        void connection.refuse(503, ['Content-Length: 0', 'Connection: close']).then(() => connection.fin())
      else void connection.accept()
    })
    try {
      await tab.goto(site.origin)
      await tab.evaluate(
        ([state, url]) => {
          const never = new Promise(() => {})
          ;(globalThis as unknown as InPage).start(state === 'preparing' ? () => never : url, {
            autoConnect: state !== 'idle',
            retry: { backoff: () => 600_000 },
          })
        },
        [state, server.url] as const,
      )
      if (state === 'dialing') await (await server.connection(0)).request
      if (state === 'waiting')
        await tab.until(() => (globalThis as unknown as InPage).told.includes('error ERR_CONNECTION'))
      if (['open', 'closing', 'closed'].includes(state))
        await tab.until(() => (globalThis as unknown as InPage).told.includes('open 0'))

      const seen = await tab.evaluate(async (state) => {
        const { socket } = globalThis as unknown as InPage
        if (state === 'closing' || state === 'closed') socket.close()
        if (state === 'closed') await socket.closed
        const before = socket.state
        socket.close()
        await socket.closed
        return [before, socket.state]
      }, state)
      const before = ['preparing', 'dialing', 'waiting'].includes(state) ? 'connecting' : state
      expect(seen).toEqual([before, 'closed'])
      // Firefox keeps the TCP connection of a handshake that was given up for longer than a test can wait
      if (state !== 'dialing' || info.project.name !== 'firefox') await expect.poll(() => server.live).toBe(0)
      expect(server.connections.length).toBe(connections)
      expect(await tab.evaluate(() => (globalThis as unknown as InPage).told)).toEqual(words)
      expect(await tab.evaluate(() => (globalThis as unknown as InPage).problems)).toEqual([])
    } finally {
      await server.stop()
    }
  })
