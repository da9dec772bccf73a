/** What waits for a connection. */
import { type Row } from './row.js'

const waiting = { better: 'less', ratio: false, group: 'outbox' } as const
// nobody is there: the discard port of this machine
const nobody = 'ws://127.0.0.1:9/'
const ignored = { open() {}, message() {}, close() {} }

function flushed(messages: number): Row {
  return {
    ...waiting,
    name: `flushing ${messages.toLocaleString('en')} waiting messages`,
    unit: 'ms',
    digits: 0,
    needs: ['queue'],
    async measure(peer, { url, share }) {
      const count = Math.ceil(messages * share)
      let done!: () => void
      const answered = new Promise<void>((resolve) => (done = resolve))
      const client = peer.create(url, {
        ...ignored,
        message: (data) => String(data) === 'received' && done(),
      })
      client.send(JSON.stringify({ expect: count }))
      for (let i = 0; i < count; i++) client.send('x'.repeat(100))
      const start = performance.now()
      await answered
      const took = performance.now() - start
      client.close()
      return took
    },
  }
}

const each = { ...waiting, unit: 'µs', digits: 2 } as const

const offline: Row = {
  ...each,
  name: 'send() without a connection',
  needs: ['queue'],
  async measure(peer, { share }) {
    const client = peer.create(nobody, ignored)
    const count = Math.ceil(100_000 * share)
    const message = 'x'.repeat(100)
    const start = performance.now()
    for (let i = 0; i < count; i++) client.send(message)
    return ((performance.now() - start) / count) * 1_000
  },
}

const overflowing: Row = {
  ...each,
  name: 'send() to a queue that is full at 10,000',
  needs: ['queue', 'limit'],
  async measure(peer, { share }) {
    const limit = Math.ceil(10_000 * share)
    const client = peer.create(nobody, ignored, { limit })
    const message = 'x'.repeat(100)
    for (let i = 0; i < limit; i++) client.send(message)
    const count = 10 * limit
    const start = performance.now()
    for (let i = 0; i < count; i++) client.send(message)
    return ((performance.now() - start) / count) * 1_000
  },
}

export const outbox: readonly Row[] = [flushed(1_000), flushed(100_000), offline, overflowing]
