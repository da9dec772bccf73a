/** How soon a connection is missed, and how soon there is the next. */
import type { Peer } from '../peers.js'
import { type Context, type Kill, openMany, type Row } from './row.js'

const returns = { better: 'less', digits: 0, needs: ['reconnect'], ratio: false, group: 'return' } as const

interface Back {
  /** Mean over all sockets, in ms. */
  readonly mean: number
  /** The last of them, in ms. */
  readonly last: number
  /** CPU time until then, in ms. */
  readonly cpu: number
}

/** All connections end at once; counted from then, or from the end of the outage. */
async function comeBack(peer: Peer, { url, kill }: Context, count: number, how: Kill): Promise<Back> {
  let start = Infinity
  const times: number[] = []
  let done!: () => void
  const all = new Promise<void>((resolve) => (done = resolve))
  await openMany(peer, url, count, () => {
    if (start === Infinity) return
    times.push(performance.now())
    if (times.length === count) done()
  })
  start = performance.now()
  const before = process.cpuUsage()
  await kill(how)
  if (how === 'outage of 3 s') start = performance.now()
  await all
  const { user, system } = process.cpuUsage(before)
  const waits = times.map((time) => Math.max(0, time - start))
  return {
    mean: waits.reduce((sum, wait) => sum + wait, 0) / count,
    last: Math.max(...waits),
    cpu: (user + system) / 1_000,
  }
}

function mean(name: string, how: Kill, needs: Row['needs']): Row {
  return {
    ...returns,
    name,
    needs,
    unit: 'ms, mean of 100',
    measure: async (peer, context) =>
      (await comeBack(peer, context, Math.ceil(100 * context.share), how)).mean,
  }
}

const silent: Row = {
  ...returns,
  name: 'to notice a peer that has fallen silent, with the defaults',
  unit: 's',
  digits: 1,
  needs: ['reconnect', 'heartbeat'],
  async measure(peer, { url, kill }) {
    let noticed!: () => void
    const lost = new Promise<void>((resolve) => (noticed = resolve))
    await new Promise<void>((resolve) =>
      peer.create(url, { open: resolve, message() {}, close: () => noticed() }),
    )
    const start = performance.now()
    await kill('silence')
    await lost
    return (performance.now() - start) / 1_000
  },
}

export const back: readonly Row[] = [
  mean('from a lost connection to the next, the server being there', 'RST', ['reconnect']),
  mean('from the end of an outage of 3 s to the next connection', 'outage of 3 s', ['reconnect', 'outage']),
  silent,
]

/** So many at once, from one process. */
export function crowd(sockets: number): readonly Row[] {
  const many = { ...returns, patience: 240_000 }
  const text = sockets.toLocaleString('en')
  return [
    {
      ...many,
      name: `until ${text} sockets of one process are back`,
      unit: 's',
      digits: 1,
      measure: async (peer, context) =>
        (await comeBack(peer, context, Math.ceil(sockets * context.share), 'RST')).last / 1_000,
    },
    {
      ...many,
      name: `CPU until ${text} sockets of one process are back`,
      unit: 's',
      digits: 1,
      measure: async (peer, context) =>
        (await comeBack(peer, context, Math.ceil(sockets * context.share), 'RST')).cpu / 1_000,
    },
  ]
}
