/** Throughput of one, two and three servers on one Redis, and what keeps it from being more. */
import { setTimeout } from 'node:timers/promises'
import { createClient } from 'redis'
import { startRedis } from '../../test/server/redis/server.js'
import type { Contender } from './contenders.js'
import { startServer } from './measure.js'

export interface Throughput {
  readonly nodes: number
  /** Messages a second, of all clients, one way. */
  readonly received: number
  readonly sent: number
  /** Shares of one processor that were used meanwhile. */
  readonly redis: number
  readonly servers: number
  readonly clients: number
}

/** Bytes of Redis's memory for an idle session. */
export async function redisIdle(contender: Contender, count: number): Promise<number> {
  const redis = await startRedis()
  const server = await startServer('session', redis.url)
  const client = createClient({ url: redis.url })
  await client.connect()
  const memory = async (): Promise<number> =>
    Number(/used_memory:(\d+)/.exec(await client.info('memory'))![1])
  const opened = [await contender.open(server.url, () => {})]
  const before = await memory()
  for (let i = 0; i < count; i++) opened.push(await contender.open(server.url, () => {}))
  const after = await memory()
  for (const each of opened) each.close()
  client.destroy()
  server.stop()
  await redis.stop()
  return (after - before) / count
}

export async function throughput(
  contender: Contender,
  nodes: number,
  clients: number,
  count: number,
  size: number,
): Promise<Throughput> {
  const redis = await startRedis()
  const servers = await Promise.all(Array.from({ length: nodes }, () => startServer('session', redis.url)))
  const client = createClient({ url: redis.url })
  await client.connect()
  const cpu = async (): Promise<number> => {
    const info = await client.info('cpu')
    const used = (name: string): number => Number(new RegExp(`used_cpu_${name}:([\\d.]+)`).exec(info)![1])
    return (used('user') + used('sys')) * 1_000
  }
  const busy = async () => ({
    redis: await cpu(),
    servers: (await Promise.all(servers.map((server) => server.usage()))).reduce(
      (sum, usage) => sum + usage.cpu,
      0,
    ),
    clients: (({ user, system }) => (user + system) / 1_000)(process.cpuUsage()),
  })
  const all = await Promise.all(
    Array.from({ length: clients }, async (_, i) => {
      const state = { left: 0, done: (): void => {} }
      const open = await contender.open(servers[i % nodes]!.url, () => {
        if (--state.left === 0) state.done()
      })
      return {
        open,
        get: (left: number) => new Promise<void>((done) => Object.assign(state, { left, done })),
      }
    }),
  )
  const before = await busy()
  const began = performance.now()
  await Promise.all(
    all.map(({ open, get }) => {
      const got = get(count)
      open.send(JSON.stringify({ send: count, size }))
      return got
    }),
  )
  const received = performance.now() - began
  await Promise.all(
    all.map(async ({ open, get }) => {
      let answer = get(1)
      open.send(JSON.stringify({ expect: count, size }))
      await answer
      answer = get(1)
      for (let sent = 0; sent < count; sent++) {
        open.send('x'.repeat(size))
        while (open.full()) await setTimeout(1)
      }
      await answer
    }),
  )
  const took = performance.now() - began
  const after = await busy()
  for (const { open } of all) open.close()
  for (const server of servers) server.stop()
  client.destroy()
  await redis.stop()
  const rate = (ms: number): number => ((clients * count) / ms) * 1_000
  return {
    nodes,
    received: rate(received),
    sent: rate(took - received),
    redis: (after.redis - before.redis) / took,
    servers: (after.servers - before.servers) / took,
    clients: (after.clients - before.clients) / took,
  }
}
