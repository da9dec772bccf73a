/**
 * `npm run bench:session [-- --messages N --idle N --rounds N --only NAME,…]`: what a session costs, beside the plain
 * socket, bare `ws`, socket.io with recovery, and the client of Azure Web PubSub; and what one Redis carries.
 */
import { parseArgs } from 'node:util'
import { findServers, missing } from '../../scripts/servers.mjs'
import { ensureBuilt } from '../../scripts/setup.mjs'
import { median, table } from '../report.js'
import type { Contender } from './contenders.js'
import { type BenchServer, idle, resume, startServer, traffic, type Traffic } from './measure.js'
import { redisIdle, throughput } from './redis.js'

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '200000' },
    idle: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '5' },
    // the contenders that have one of these in their names, and the plain socket; nothing else is measured
    only: { type: 'string', default: '' },
  },
})
const [messages, sockets, rounds] = [values.messages, values.idle, values.rounds].map(Number) as [
  number,
  number,
  number,
]
const SIZE = 100
const CLIENTS = 50

// of the package as it is installed
await ensureBuilt()
const contenders: Record<string, Contender> = { ...(await import('./contenders.js')).contenders }
const { azure, PACKAGE } = await import('./azure.js')
try {
  contenders[PACKAGE] = await azure()
} catch {
  console.log(`${PACKAGE} cannot be installed: it is left out\n`)
}
const PLAIN = 'ReconnectingSocket'
const wanted = values.only.split(',')
const names = Object.keys(contenders).filter(
  (name) => name === PLAIN || wanted.some((part) => name.includes(part)),
)

async function on<T>(contender: Contender, measure: (server: BenchServer) => Promise<T>): Promise<T> {
  const server = await startServer(contender.server)
  try {
    return await measure(server)
  } finally {
    server.stop()
  }
}

console.log(`${messages} messages of ${SIZE} bytes each way, median of ${rounds} rounds\n`)
for (const way of ['receive', 'send'] as const) {
  const figures: Traffic[][] = names.map(() => [])
  for (let round = 0; round < rounds; round++)
    for (const [index, name] of names.entries()) {
      const contender = contenders[name]!
      process.stderr.write(`${way}, round ${round + 1} of ${rounds}: ${name} …\n`)
      // once to warm up, in the same processes
      const measured = await on(contender, async (server) => {
        await traffic(contender, server, way, Math.ceil(messages / 10), SIZE)
        return traffic(contender, server, way, messages, SIZE)
      })
      figures[index]!.push(measured)
    }
  const plain = names.indexOf(PLAIN)
  const rows = names.map((name, index) => {
    const of = (figure: (traffic: Traffic, round: number) => number): number =>
      median(figures[index]!.map(figure))
    // within a round, so that what else the machine does hurts both
    const cpu = (side: 'client' | 'server'): string => {
      const share = of((traffic, round) => figures[plain]![round]![side] / traffic[side])
      return `${of((traffic) => traffic[side]).toFixed(1)} µs, ${share.toFixed(2)} ×`
    }
    return [
      name,
      `${of(({ rate }) => rate / 1_000).toFixed(0)} k/s`,
      `${of(({ rate }, round) => rate / figures[plain]![round]!.rate).toFixed(2)} ×`,
      cpu('client'),
      // a stand-in says nothing of the service
      contenders[name]!.server === 'azure' ? '–' : cpu('server'),
      contenders[name]!.server === 'socket.io' ? '–' : `${of(({ extra }) => extra).toFixed(2)} B`,
    ]
  })
  console.log(table([way, 'rate', 'of the plain', 'client CPU', 'server CPU', 'over payload'], rows), '\n')
}

const rows: string[][] = []
for (const name of names)
  rows.push([
    name,
    `${((await on(contenders[name]!, (server) => idle(contenders[name]!, server, sockets))) / 1_024).toFixed(1)} kB`,
  ])
console.log(table([`memory of an idle one on the server (of ${sockets})`, ''], rows), '\n')

for (const name of names) {
  const contender = contenders[name]!
  if (contender.server !== 'session' && contender.server !== 'azure') continue
  const times: number[] = []
  for (let round = 0; round < rounds; round++)
    times.push(await on(contender, (server) => resume(contender, server)))
  console.log(`${name}, back with 1,000 messages that were held: ${median(times).toFixed(0)} ms\n`)
}

const session = contenders['SessionSocket']!
if (values.only !== '') process.exit()
if (!findServers().redis) console.log(`${missing.redis}: nothing is measured on it`)
else {
  const bytes = await redisIdle(session, sockets)
  console.log(`an idle session in Redis: ${(bytes / 1_024).toFixed(2)} kB\n`)
  const perClient = Math.ceil(messages / 10 / CLIENTS)
  const lines: string[][] = []
  for (const nodes of [1, 2, 3]) {
    const { received, sent, redis, servers, clients } = await throughput(
      session,
      nodes,
      CLIENTS,
      perClient,
      SIZE,
    )
    const k = (rate: number): string => `${(rate / 1_000).toFixed(1)} k/s`
    // shares of a processor tell what the limit is, and what a message costs does not depend on what else runs
    const each = (1 / received + 1 / sent) / 2
    const share = (used: number): string =>
      `${(used * 100).toFixed(0)} %, ${(used * each * 1e6).toFixed(1)} µs`
    lines.push([String(nodes), k(received), k(sent), share(redis), share(servers), share(clients)])
  }
  console.log(
    `${CLIENTS} clients, one Redis with appendfsync always. Shares of one processor, and of each message:\n`,
  )
  console.log(table(['servers', 'to clients', 'from clients', 'Redis', 'servers', 'clients'], lines))
}
process.exit()
