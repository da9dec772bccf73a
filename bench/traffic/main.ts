/** `npm run bench`: messages a second, and memory of an idle socket, beside bare `ws` and the peers. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from '../../scripts/setup.mjs'
import { median, table } from '../report.js'
import type { Open } from './clients.js'

const ROUNDS = 7
const MESSAGES = 300_000
const SIZE = 100
const IDLE = 1_000

interface Figures {
  /** Messages a second. */
  readonly received: number
  readonly sent: number
  /** Bytes of heap that an open and idle socket takes. */
  readonly idle: number
}

const [name, url = ''] = process.argv.slice(2)
if (name === undefined) await compare()
else {
  // the build as users have it, made by now
  const { clients } = await import('./clients.js')
  process.send?.(await measure(clients[name]!))
  process.exit()
}

async function measure(open: Open): Promise<Figures> {
  const idle = await memory(open)
  // once to warm up
  await receive(open)
  const received = await receive(open)
  await send(open)
  return { received, sent: await send(open), idle }
}

async function receive(open: Open): Promise<number> {
  let count = 0
  let done!: () => void
  const all = new Promise<void>((resolve) => (done = resolve))
  const client = await open(url, () => ++count === MESSAGES && done())
  const start = performance.now()
  client.send(JSON.stringify({ send: MESSAGES, size: SIZE }))
  await all
  client.close()
  return (MESSAGES / (performance.now() - start)) * 1_000
}

async function send(open: Open): Promise<number> {
  let next!: () => void
  let answer = new Promise<void>((resolve) => (next = resolve))
  const client = await open(url, () => next())
  client.send(JSON.stringify({ expect: MESSAGES, size: 0 }))
  await answer
  answer = new Promise((resolve) => (next = resolve))
  const message = 'x'.repeat(SIZE)
  const start = performance.now()
  for (let sent = 0; sent < MESSAGES;) {
    for (let i = 0; i < 100; i++, sent++) client.send(message)
    while (client.buffered() > 65_536) await new Promise(setImmediate)
  }
  await answer
  client.close()
  return (MESSAGES / (performance.now() - start)) * 1_000
}

async function memory(open: Open): Promise<number> {
  const collected = async (): Promise<number> => {
    await new Promise(setImmediate)
    globalThis.gc!()
    return process.memoryUsage().heapUsed
  }
  // what the first one loads stays
  const first = await open(url, () => {})
  const before = await collected()
  const sockets = await Promise.all(Array.from({ length: IDLE }, () => open(url, () => {})))
  const after = await collected()
  for (const socket of [first, ...sockets]) socket.close()
  return (after - before) / IDLE
}

async function compare(): Promise<void> {
  await ensureBuilt()
  console.log(
    `${MESSAGES} messages of ${SIZE} bytes each way, ${IDLE} idle sockets (median of ${ROUNDS} rounds)\n`,
  )
  const server = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), { execArgv: [] })
  const [port] = (await once(server, 'message')) as [number]
  const { clients } = await import('./clients.js')
  const names = Object.keys(clients)
  const rounds: Figures[][] = names.map(() => [])
  for (let round = 1; round <= ROUNDS; round++)
    for (const [index, name] of names.entries()) {
      process.stderr.write(`round ${round} of ${ROUNDS}: ${name} …\n`)
      const args = [name, `ws://127.0.0.1:${port}/`]
      const execArgv = [...process.execArgv, '--expose-gc']
      const child: ChildProcess = fork(fileURLToPath(import.meta.url), args, { execArgv })
      const [figures] = (await once(child, 'message')) as [Figures]
      rounds[index]!.push(figures)
    }
  server.kill()
  const bare = rounds[0]!
  const of = (given: readonly Figures[], figure: (figures: Figures, bare: Figures) => number): number =>
    median(given.map((figures, round) => figure(figures, bare[round]!)))
  const rows = names.map((name, index) => {
    const given = rounds[index]!
    const share = (key: 'received' | 'sent'): string =>
      `${of(given, (figures) => figures[key] / 1_000).toFixed(0)} k/s (${of(given, (figures, bare) => figures[key] / bare[key]).toFixed(2)} ×)`
    const more = of(given, (figures, bare) => (figures.idle - bare.idle) / 1_024)
    return [name, share('received'), share('sent'), `+ ${more.toFixed(1)} kB`]
  })
  console.log(table(['', 'received', 'sent', 'idle, over bare'], rows))
}
