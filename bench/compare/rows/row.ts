/** What is measured. Each row runs in a process of its own, for each peer and round. */
import type { Client, Peer } from './peers.js'

/** How much of everything: 1, or less for a try. */
export interface Context {
  readonly url: string
  readonly share: number
  /** Ends all connections of the server, in one of these ways. */
  readonly kill: (how: 'Close frame' | 'FIN' | 'RST') => Promise<void>
}

export interface Row {
  readonly name: string
  readonly unit: string
  readonly better: 'more' | 'less'
  readonly digits: number
  readonly needs: readonly (keyof Peer['cannot'])[]
  /** Compared to the first peer, as a ratio. */
  readonly ratio: boolean
  readonly group: 'traffic' | 'outbox' | 'idle' | 'loss' | 'return'
  readonly measure: (peer: Peer, context: Context) => Promise<number>
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A client that is open. */
async function open(peer: Peer, url: string, message: (data: unknown) => void = () => {}): Promise<Client> {
  let client!: Client
  await new Promise<void>((resolve) => {
    client = peer.create(url, { open: resolve, message, close() {} })
  })
  return client
}

/** Measures after a shorter run, for what is compiled only then. */
const warmed = async (measure: (share: number) => Promise<number>, share: number): Promise<number> => {
  await measure(share / 5)
  return measure(share)
}

function received(size: number, binary: boolean, messages: number): Row {
  const what = size < 1_024 ? `${size} B` : `${size / 1_024} KiB`
  return {
    name: `receiving ${what} ${binary ? 'binary' : 'text'}`,
    unit: 'messages/s',
    better: 'more',
    digits: 0,
    needs: [],
    ratio: true,
    group: 'traffic',
    measure: (peer, { url, share: all }) =>
      warmed(async (share) => {
        const count = Math.ceil(messages * share)
        let left = count
        let done!: () => void
        const answered = new Promise<void>((resolve) => (done = resolve))
        let start = 0
        const client = await open(peer, url, () => {
          // the first one is on its way with whatever the dial has left behind
          if (left === count) start = performance.now()
          if (--left === 0) done()
        })
        client.send(JSON.stringify({ send: count, size, binary }))
        await answered
        const rate = ((count - 1) / (performance.now() - start)) * 1_000
        client.close()
        return rate
      }, all),
  }
}

function sent(burst: number, messages: number): Row {
  return {
    name: burst === 1 ? 'sending 100 B, one a turn' : `sending 100 B in bursts of ${burst}`,
    unit: 'messages/s',
    better: 'more',
    digits: 0,
    needs: [],
    ratio: true,
    group: 'traffic',
    measure: (peer, { url, share: all }) =>
      warmed(async (share) => {
        const count = Math.ceil((messages * share) / burst) * burst
        let next!: () => void
        let answer = new Promise<void>((resolve) => (next = resolve))
        const client = await open(peer, url, () => next())
        client.send(JSON.stringify({ expect: count }))
        await answer
        answer = new Promise((resolve) => (next = resolve))
        const message = 'x'.repeat(100)
        const start = performance.now()
        for (let done = 0; done < count;) {
          for (let i = 0; i < burst; i++, done++) client.send(message)
          do await tick()
          while (client.buffered() > 1_048_576)
        }
        const rate = (count / (performance.now() - start)) * 1_000
        await answer
        client.close()
        return rate
      }, all),
  }
}

function flushed(messages: number): Row {
  return {
    name: `flushing ${messages.toLocaleString('en')} waiting messages`,
    unit: 'ms',
    better: 'less',
    digits: 0,
    needs: ['queue'],
    ratio: false,
    group: 'outbox',
    async measure(peer, { url, share }) {
      const count = Math.ceil(messages * share)
      let done!: () => void
      const answered = new Promise<void>((resolve) => (done = resolve))
      const client = peer.create(url, {
        open() {},
        message: (data) => String(data) === 'received' && done(),
        close() {},
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

const offline: Row = {
  name: 'send() without a connection',
  unit: 'µs',
  better: 'less',
  digits: 2,
  needs: ['queue'],
  ratio: false,
  group: 'outbox',
  async measure(peer, { share }) {
    // nobody is there: the discard port of this machine
    const client = peer.create('ws://127.0.0.1:9/', { open() {}, message() {}, close() {} })
    const count = Math.ceil(100_000 * share)
    const message = 'x'.repeat(100)
    const start = performance.now()
    for (let i = 0; i < count; i++) client.send(message)
    return ((performance.now() - start) / count) * 1_000
  },
}

function idle(sockets: number): Row {
  return {
    name: `memory of an idle socket, of ${sockets.toLocaleString('en')}`,
    unit: 'kB of heap',
    better: 'less',
    digits: 1,
    needs: [],
    ratio: false,
    group: 'idle',
    async measure(peer, { url, share }) {
      const used = async (): Promise<number> => {
        await tick()
        globalThis.gc!()
        return process.memoryUsage().heapUsed
      }
      const count = Math.ceil(sockets * share)
      // what the first one loads stays
      const all: Client[] = [await open(peer, url)]
      const before = await used()
      while (all.length <= count)
        all.push(
          ...(await Promise.all(
            Array.from({ length: Math.min(200, count + 1 - all.length) }, () => open(peer, url)),
          )),
        )
      return ((await used()) - before) / count / 1_024
    },
  }
}

const back: Row = {
  name: 'from a lost connection to the next, the server being there',
  unit: 'ms, mean of 100',
  better: 'less',
  digits: 0,
  needs: ['reconnect'],
  ratio: false,
  group: 'return',
  async measure(peer, { url, share, kill }) {
    const count = Math.ceil(100 * share)
    let start = Infinity
    const waits: number[] = []
    let opened = 0
    let ready!: () => void
    let done!: () => void
    const all = new Promise<void>((resolve) => (ready = resolve))
    const again = new Promise<void>((resolve) => (done = resolve))
    for (let i = 0; i < count; i++)
      peer.create(url, {
        open() {
          if (start === Infinity) return void (++opened === count && ready())
          waits.push(performance.now() - start)
          if (waits.length === count) done()
        },
        message() {},
        close() {},
      })
    await all
    start = performance.now()
    await kill('RST')
    await again
    return waits.reduce((sum, wait) => sum + wait, 0) / count
  },
}

function lost(how: 'Close frame' | 'FIN' | 'RST'): Row {
  return {
    name: `lost of 2,000 messages, by ${how}`,
    unit: 'messages',
    better: 'less',
    digits: 0,
    needs: ['reconnect'],
    ratio: false,
    group: 'loss',
    async measure(peer, { url, share, kill }) {
      const count = Math.ceil(2_000 * share)
      let told: [string, number][] | undefined
      let reported!: () => void
      const report = new Promise<void>((resolve) => (reported = resolve))
      const client = await open(peer, `${url}numbers/${process.pid}`, (data) => {
        told = JSON.parse(String(data)) as [string, number][]
        reported()
      })
      for (let number = 0; number < count; number++) {
        try {
          client.send(String(number))
        } catch {
          // it says so at least, and the message is not sent
        }
        if (number === Math.floor(count / 2)) void kill(how)
        if (number % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 1))
      }
      // asked until somebody answers: the question may be lost as well
      const asking = setInterval(() => {
        try {
          client.send('report')
        } catch {
          // not open yet
        }
      }, 500)
      await report
      clearInterval(asking)
      return count - told!.filter(([number]) => number !== 'report').length
    },
  }
}

export const rows: readonly Row[] = [
  received(16, false, 200_000),
  received(100, false, 200_000),
  received(100, true, 200_000),
  received(65_536, false, 3_000),
  sent(1, 20_000),
  sent(3, 40_000),
  sent(100, 200_000),
  flushed(1_000),
  flushed(100_000),
  offline,
  idle(1_000),
  back,
  lost('Close frame'),
  lost('FIN'),
  lost('RST'),
]

/** Not in a run without being asked for by `--only`: it takes 10,000 sockets. */
export const heavy: readonly Row[] = [idle(10_000)]
