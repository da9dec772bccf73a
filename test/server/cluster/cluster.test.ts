/**
 * Three server processes and a real Redis, whose log is on the disk before it answers. Clients send numbered messages and
 * get some, while processes are killed, Redis is killed and started again, and the network is cut: every message arrives,
 * in order, and none twice but those whose process was killed before the store knew that they had been handled.
 *
 * `npm run test:cluster -- --messages 100000` does it with so many.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { findServers, missing } from '../../../scripts/servers.mjs'
import { SessionServer } from '../../../src/server/index.js'
import { redisStore } from '../../../src/server/redis/index.js'
import { type Bundle, bundle } from '../../faults/bundle.js'
import { TestClient } from '../client.js'
import { type RedisServer, startRedis } from '../redis/server.js'
import { ClusterNode } from './node.js'
import { Pair } from './traffic.js'

const { redis } = findServers()
const MESSAGES = Number(process.env.EVEROPEN_CLUSTER_MESSAGES ?? 8_000)
const CLIENTS = 20
const NODES = 3

let script: Bundle
let folder: string
beforeAll(async () => {
  script = await bundle('../server/cluster/node-child.ts')
  folder = mkdtempSync(path.join(tmpdir(), 'everopen-cluster-'))
})
afterAll(async () => {
  await script.remove()
  rmSync(folder, { recursive: true, force: true })
})

/** What breaks, and is mended again. */
type Fault = (nodes: readonly ClusterNode[], server: RedisServer) => Promise<void>

const restart =
  (index: number): Fault =>
  async (nodes) => {
    await nodes[index]!.kill()
    await nodes[index]!.start()
  }
const restartRedis: Fault = async (_, server) => {
  await server.kill()
  await server.start()
}
const cutClients: Fault = async (nodes) => nodes.forEach(({ front }) => front.cut())
const cutRedis: Fault = async (nodes) => nodes.forEach(({ back }) => back.cut())
/** Its connections seem alive, and nothing gets through, until they break. */
const silence =
  (index: number): Fault =>
  async (nodes) => {
    const { front } = nodes[index]!
    const before = nodes[(index + 1) % NODES]!.front.connections
    front.stall()
    // a whole round of others' work
    nodes[(index + 1) % NODES]!.front.cut()
    await nodes[(index + 1) % NODES]!.front.connected(before)
    front.cut()
    front.pass()
  }
const both: Fault = async (nodes, server) => {
  await Promise.all([nodes[1]!.kill(), server.kill()])
  await Promise.all([nodes[1]!.start(), server.start()])
}
const faults: readonly (readonly [string, Fault])[] = [
  ['a process is killed', restart(0)],
  ['all connections of clients are reset', cutClients],
  ['Redis is killed', restartRedis],
  ['a network is silent', silence(1)],
  ['another process is killed', restart(2)],
  ['the connections to Redis are reset', cutRedis],
  ['a process and Redis are killed at once', both],
  ['all connections of clients are reset again', cutClients],
  [
    'all processes are killed, one after the other',
    async (nodes, server) => {
      for (let index = 0; index < NODES; index++) await restart(index)(nodes, server)
    },
  ],
]

/** What the handlers were given: session, number, text, process. */
type Entry = readonly [id: string, number: number, data: string, pid: number]

describe.skipIf(!redis)(`a cluster${redis ? '' : ` (${missing.redis})`}`, () => {
  test(
    `${MESSAGES} messages, both ways`,
    async () => {
      const server = await startRedis()
      onTestFinished(() => server.stop())
      const log = path.join(folder, 'given')
      const nodes = await Promise.all(
        Array.from({ length: NODES }, () => ClusterNode.start(script.file, server.port, log)),
      )
      onTestFinished(() => Promise.all(nodes.map((node) => node.stop())).then(() => {}))
      const store = redisStore({ url: server.url, patience: 60_000 })
      const publisher = new SessionServer({ store })
      publisher.on('error', () => {})
      onTestFinished(async () => {
        await publisher.close()
        await store.close()
      })

      const urls = nodes.map(({ url }) => url)
      const each = Math.ceil(MESSAGES / 2 / CLIENTS)
      const pairs = Array.from({ length: CLIENTS }, (_, i) => {
        const client = new TestClient([...urls.slice(i % NODES), ...urls.slice(0, i % NODES)])
        onTestFinished(() => client.stop())
        return new Pair(client, publisher as SessionServer, each)
      })
      await Promise.all(pairs.map(({ client }) => client.live()))

      const total = (): number => pairs.reduce((sum, { progress }) => sum + progress, 0)
      const until = (holds: () => boolean): Promise<void> =>
        Promise.race(pairs.map(({ client }) => client.until(holds)))
      const began = performance.now()
      for (const [index, [, fault]] of faults.entries()) {
        const share = (part: number): number => (index + part) / (faults.length + 1)
        for (const pair of pairs) pair.allow(Math.ceil(each * share(1)))
        // in the midst of it
        await until(() => total() >= 2 * each * CLIENTS * share(0.4))
        await fault(nodes, server)
      }
      for (const pair of pairs) pair.allow(each)
      for (const pair of pairs) {
        await pair.client.until(() => pair.client.acked === each && pair.answers.at(-1) === each)
        await pair.client.until(() => pair.done)
      }
      const took = (performance.now() - began) / 1_000

      const all = Array.from({ length: each }, (_, i) => i + 1)
      const given = new Map<string, Entry[]>(pairs.map(({ client }) => [client.session!.id, []]))
      for (const line of readFileSync(log, 'utf8').trimEnd().split('\n')) {
        const entry = JSON.parse(line) as Entry
        given.get(entry[0])!.push(entry)
      }
      let again = 0
      for (const { client, published, answers } of pairs.map((pair) => ({
        client: pair.client,
        published: pair.published,
        answers: pair.answers,
      }))) {
        expect(client.lost).toEqual([])
        expect(client.problems).toEqual([])
        // to the client: exactly what was sent, in order
        expect(published).toEqual(all.map((n) => `p ${n}`))
        expect(firsts(answers)).toEqual(all)
        // from the client: all of it, in order, and by one process never twice
        const entries = given.get(client.session!.id)!
        expect(firsts(entries.map(([, number]) => number))).toEqual(all)
        expect(entries.every(([, number, data]) => data === `u ${number}`)).toBe(true)
        const byProcess = new Set(entries.map(([, number, , pid]) => `${pid} ${number}`))
        expect(byProcess.size).toBe(entries.length)
        again += entries.length - each
      }
      const resumed = pairs.reduce((sum, { client }) => sum + client.resumed, 0)
      console.log(
        `${2 * each * CLIENTS} messages of ${CLIENTS} clients in ${took.toFixed(1)} s, over ${faults.length} faults: ` +
          `${resumed} resumptions, ${again} given again to another process, none lost`,
      )
      expect(resumed).toBeGreaterThan(CLIENTS)
    },
    20_000 + MESSAGES * 20,
  )
})

/** A sequence without what comes again. Nothing is left out in it, and nothing comes before its turn. */
function firsts(numbers: readonly number[]): number[] {
  const seen: number[] = []
  for (const number of numbers) if (number > (seen.at(-1) ?? 0)) seen.push(number)
  return seen
}
