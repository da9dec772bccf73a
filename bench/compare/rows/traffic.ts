/** Receiving and sending, the client being the slower side. */
import { open, type Row, tick } from './row.js'

/** Measures after a shorter run, for what is compiled only then. */
const warmed = async (measure: (share: number) => Promise<number>, share: number): Promise<number> => {
  await measure(share / 5)
  return measure(share)
}

function kind(size: number, binary: boolean): string {
  return `${size < 1_024 ? `${size} B` : `${size / 1_024} KiB`} ${binary ? 'binary' : 'text'}`
}

const rate = {
  unit: 'messages/s',
  better: 'more',
  digits: 0,
  needs: [],
  ratio: true,
  group: 'traffic',
} as const

function received(size: number, binary: boolean, messages: number): Row {
  return {
    ...rate,
    name: `receiving ${kind(size, binary)}`,
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
        const figure = ((count - 1) / (performance.now() - start)) * 1_000
        client.close()
        return figure
      }, all),
  }
}

function sent(size: number, binary: boolean, burst: number, messages: number): Row {
  return {
    ...rate,
    name: `sending ${kind(size, binary)}, ${burst === 1 ? 'one' : burst} a turn`,
    measure: (peer, { url, share: all }) =>
      warmed(async (share) => {
        const count = Math.ceil((messages * share) / burst) * burst
        let next!: () => void
        let answer = new Promise<void>((resolve) => (next = resolve))
        const client = await open(peer, url, () => next())
        client.send(JSON.stringify({ expect: count }))
        await answer
        answer = new Promise((resolve) => (next = resolve))
        const message = binary ? new Uint8Array(size) : 'x'.repeat(size)
        const start = performance.now()
        for (let done = 0; done < count;) {
          for (let i = 0; i < burst; i++, done++) client.send(message)
          do await tick()
          while (client.buffered() > 1_048_576)
        }
        const figure = (count / (performance.now() - start)) * 1_000
        await answer
        client.close()
        return figure
      }, all),
  }
}

export const traffic: readonly Row[] = [
  received(16, false, 200_000),
  received(100, false, 200_000),
  received(100, true, 200_000),
  received(65_536, true, 3_000),
  sent(16, false, 1, 100_000),
  sent(100, false, 1, 100_000),
  sent(100, true, 1, 100_000),
  sent(65_536, true, 1, 2_000),
  sent(100, false, 3, 40_000),
  sent(100, true, 3, 40_000),
  sent(100, false, 100, 200_000),
  sent(100, true, 100, 200_000),
]
