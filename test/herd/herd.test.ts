/** 1,000 real sockets of one server that is killed. How the peers do: `npm run bench:herd`. */
import { afterEach, expect, test, vi } from 'vitest'
import { peak, stampede } from '../../bench/herd/herd.js'
import { type LogRecord, ReconnectingSocket } from '../../src/index.js'
import { seeded } from '../simulation/clock.js'

afterEach(() => {
  vi.restoreAllMocks()
})

test('1,000 clients whose server is down for 3 s: at most 60 attempts in any 100 ms, and all come back', async () => {
  const random = seeded(1)
  vi.spyOn(Math, 'random').mockImplementation(random)
  /** When each attempt was due. When it ran is as late as this machine is busy, which is no one's policy. */
  const attempts: { readonly due: number; readonly ran: number }[] = []
  const sockets: ReconnectingSocket[] = []
  const { death, dials, back } = await stampede(
    (url, onDial) => {
      let dueAt = Infinity
      const log = (record: LogRecord): void => {
        if (record.type === 'transition' && record.dialIn !== undefined)
          dueAt = performance.now() + record.dialIn
        if (record.type !== 'dial') return
        onDial()
        attempts.push({ due: dueAt, ran: performance.now() })
      }
      const socket = new ReconnectingSocket(url, { log })
      sockets.push(socket)
      return { isOpen: () => socket.state === 'open', close: () => socket.close() }
    },
    1_000,
    3_000,
  )
  await Promise.all(sockets.map((socket) => socket.closed))
  // a busy machine may need more than one to open at first
  const due = attempts.filter(({ ran }) => ran >= death).map(({ due }) => due)
  console.log(
    `herd: at most ${peak(due)} attempts due in 100 ms (${peak(dials)} ran), ${dials.length} in all, all back after ${(back / 1_000).toFixed(1)} s`,
  )
  expect(due).toHaveLength(dials.length)
  expect(dials.length).toBeGreaterThanOrEqual(1_000)
  expect(peak(due)).toBeLessThanOrEqual(60)
}, 120_000)
