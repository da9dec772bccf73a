/** Rows and lines about event loops: one that stands still, and one that is not the test's. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bundle, type Bundle } from './bundle.js'
import { CLOSE_WAIT, encode, kernelSockets, PING, PONG, serve, TEXT } from './raw-server.js'
import { eventually, quiet, takeBaseline } from './record.js'
import { startProcess, startThread } from './remote.js'

beforeEach(takeBaseline)

let script: Bundle
beforeAll(async () => {
  script = await bundle('remote-child.ts')
})
afterAll(() => script.remove())

const starts = [
  ['process', startProcess],
  ['thread', startThread],
] as const

test.each(starts)(
  'M: the verdict in the event loop of another %s is a close and a dial',
  async (_, start) => {
    const server = await serve((connection, n) => {
      if (n === 0) connection.answers = 'nothing'
      void connection.accept()
    })
    const heartbeat = { interval: 100, timeout: 500 }
    const remote = start(script.file, { url: server.url, backoff: 1, heartbeat })
    await remote.until('open 1')
    expect(remote.reports.find(({ word }) => word.startsWith('close'))!.cause).toBe('ERR_HEARTBEAT')
    const last = await remote.end()
    expect(last.left).toEqual([])
    expect(remote.words).toEqual([
      'connecting → open',
      'open 0',
      'open → connecting',
      'close 1006 (client, unclean, retries)',
      'connecting → open',
      'open 1 again',
      'open → closing',
      'closing → closed',
      'close 1005 (user, clean, final)',
      'ended by user',
    ])
    expect(await remote.exit).toEqual({ code: 0, errors: '' })
    await server.stop()
  },
  60_000,
)

describe('6: an event loop that stands still never redials a peer that answers', () => {
  const heartbeat = { interval: 100, timeout: 1_000 }
  // all longer than interval and timeout; some so long that the lateness itself is seen
  const stalls = [1_200, 1_500, 2_300, 3_500]

  test.each([
    ['with a ping out, whose answer waits unread', true],
    ['between two pings', false],
  ])(
    '%s',
    async (_, pinging) => {
      const server = await serve((connection) => {
        connection.answers = 'nothing'
        void connection.accept()
        // the answer is 30 ms on its way
        const answer = async (): Promise<void> => {
          for (let n = 1; ; n++) {
            const { payload } = await connection.frame(PING, n)
            pinged()
            await quiet(30)
            connection.write(encode(PONG, payload))
          }
        }
        void answer()
      })
      let pinged = (): void => {}
      const remote = startProcess(script.file, { url: server.url, backoff: 1, heartbeat })
      await remote.until('open')
      const connection = server.connections[0]!
      let beats = 0
      for (const [n, ms] of stalls.entries()) {
        if (pinging) await new Promise<void>((resolve) => (pinged = resolve))
        remote.tell({ block: ms })
        await remote.until('unblocked', n + 1)
        beats = remote.reports.filter(({ word }) => word === 'heartbeat').length
        await remote.until('heartbeat', beats + 2)
      }
      expect(server.connections).toHaveLength(1)
      remote.tell({ send: 'hello' })
      expect((await connection.frame(TEXT)).payload.toString()).toBe('hello')
      connection.answers = 'politely'
      const last = await remote.end()
      expect(last.left).toEqual([])
      expect(remote.words.filter((word) => !word.endsWith('blocked'))).toEqual([
        'connecting → open',
        'open 0',
        'open → closing',
        'closing → closed',
        'close 1005 (user, clean, final)',
        'ended by user',
      ])
      expect(server.connections).toHaveLength(1)
      expect(await remote.exit).toEqual({ code: 0, errors: '' })
      await eventually(
        () => 'the end of the connection',
        () => server.live === 0,
      )
      expect(kernelSockets(server.port, CLOSE_WAIT, 'client')).toBe(0)
      await server.stop()
    },
    60_000,
  )
})
