/** What a socket costs while nothing happens. */
import { open, openMany, type Row, sleep, tick } from './row.js'

const idle = { better: 'less', ratio: false, group: 'idle', digits: 1 } as const

export function memory(sockets: number): Row {
  return {
    ...idle,
    name: `memory of an idle socket, of ${sockets.toLocaleString('en')}`,
    unit: 'kB of heap',
    needs: [],
    patience: 180_000,
    async measure(peer, { url, share }) {
      const used = async (): Promise<number> => {
        await tick()
        globalThis.gc!()
        return process.memoryUsage().heapUsed
      }
      const count = Math.ceil(sockets * share)
      // what the first one loads stays
      const first = await open(peer, url)
      const before = await used()
      const all = await openMany(peer, url, count)
      const each = ((await used()) - before) / count / 1_000
      // held until it is measured
      for (const client of [first, ...all]) client.close()
      return each
    },
  }
}

/** Its heartbeats alone: pings of its own, and what the server answers. */
export function heartbeats(sockets: number): Row {
  return {
    ...idle,
    name: `CPU of ${sockets.toLocaleString('en')} idle sockets with a heartbeat of 25 s`,
    unit: 'ms a second',
    needs: ['heartbeat'],
    patience: 240_000,
    async measure(peer, { url, share }) {
      await openMany(peer, url, Math.ceil(sockets * share), undefined, { heartbeat: 25_000 })
      // beyond the first round of pings, of which all have come into their step
      await sleep(30_000)
      const before = process.cpuUsage()
      await sleep(60_000)
      const { user, system } = process.cpuUsage(before)
      return (user + system) / 1_000 / 60
    },
  }
}
