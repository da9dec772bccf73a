/** What is measured of one contender. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Client, Contender } from './contenders.js'

/** What a server process says of itself. */
export interface Usage {
  /** ms of processor time so far. */
  readonly cpu: number
  readonly heap: number
  /** Over all its connections, both ways. */
  readonly bytes: number
}

export interface BenchServer {
  readonly url: string
  usage(word?: 'hold'): Promise<Usage>
  stop(): void
}

export async function startServer(kind: string, redis = ''): Promise<BenchServer> {
  const child: ChildProcess = fork(fileURLToPath(new URL('server.ts', import.meta.url)), [kind, redis], {
    execArgv: [...process.execArgv, '--expose-gc'],
  })
  const [port] = (await once(child, 'message')) as [number]
  return {
    url: `ws://127.0.0.1:${port}/`,
    async usage(word) {
      child.send(word ?? 'usage')
      const [usage] = (await once(child, 'message')) as [Usage]
      return usage
    },
    stop: () => void child.kill('SIGKILL'),
  }
}

/** An open client, and a promise of the messages to come. */
async function open(
  contender: Contender,
  url: string,
): Promise<{ client: Client; get(count: number): Promise<void> }> {
  let left = 0
  let done = (): void => {}
  const client = await contender.open(url, () => {
    if (--left === 0) done()
  })
  return {
    client,
    get: (count) =>
      new Promise((resolve) => {
        left = count
        done = resolve
      }),
  }
}

export interface Traffic {
  /** Messages a second. */
  readonly rate: number
  /** Microseconds of processor time for each, of the client and of the server. */
  readonly client: number
  readonly server: number
  /** Bytes on the wire for each, over the payload and its frame. */
  readonly extra: number
}

const FRAME = { receive: 2, send: 6 }

/** `count` messages of `size` bytes, one way. */
export async function traffic(
  contender: Contender,
  server: BenchServer,
  way: 'receive' | 'send',
  count: number,
  size: number,
): Promise<Traffic> {
  const { client, get } = await open(contender, server.url)
  let answer = get(1)
  if (way === 'send') {
    client.send(JSON.stringify({ expect: count, size }))
    await answer
  }
  const before = await server.usage()
  const cpu = process.cpuUsage()
  const began = performance.now()
  answer = get(way === 'send' ? 1 : count)
  if (way === 'receive') client.send(JSON.stringify({ send: count, size }))
  else {
    const text = 'x'.repeat(size)
    for (let sent = 0; sent < count;) {
      for (let i = 0; i < 100 && sent < count; i++, sent++) client.send(text)
      // asleep: a loop that asks again and again would be most of what is measured
      while (client.full()) await setTimeout(1)
    }
  }
  await answer
  const took = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  const after = await server.usage()
  client.close()
  return {
    rate: (count / took) * 1_000,
    client: (user + system) / count,
    server: ((after.cpu - before.cpu) * 1_000) / count,
    extra: (after.bytes - before.bytes) / count - size - FRAME[way],
  }
}

/** Bytes of the server's heap that an idle connection takes. */
export async function idle(contender: Contender, server: BenchServer, count: number): Promise<number> {
  const first = await contender.open(server.url, () => {})
  const before = await server.usage()
  const clients: Client[] = []
  for (let i = 0; i < count; i++) clients.push(await contender.open(server.url, () => {}))
  const after = await server.usage()
  for (const client of [first, ...clients]) client.close()
  return (after.heap - before.heap) / count
}

/** ms from a lost connection until 1,000 messages that were held have come. */
export async function resume(contender: Contender, server: BenchServer): Promise<number> {
  const { client, get } = await open(contender, server.url)
  const all = get(1_000)
  const began = performance.now()
  client.cut!()
  await server.usage('hold')
  await all
  const took = performance.now() - began
  client.close()
  return took
}
