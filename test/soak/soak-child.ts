/** A process that reconnects, or makes sockets, over and over, and tells at even intervals what it holds. */
import { getEventListeners, setMaxListeners } from 'node:events'
import { ReconnectingSocket } from '../../src/index.js'
import type { Report, Sample } from './soak.test.js'

const [url = '', scenario = '', times = '', leak = ''] = process.argv.slice(2)
const total = Number(times)
const collect = globalThis.gc!

const { signal } = new AbortController()
const samples: Sample[] = []
/** What a planted leak holds on to. */
const kept: unknown[] = []
const timers: NodeJS.Timeout[] = []
Error.stackTraceLimit = Infinity
// Node warns of a planted one, rightly
if (leak === 'listener') setMaxListeners(Infinity, signal)

/** Called once a round, from wherever a round ends. */
function round(done: number): void {
  if (leak === 'listener') signal.addEventListener('abort', () => done)
  if (leak === 'object') kept.push({ done })
  if (leak === 'timer') timers.push(setTimeout(() => {}, 600_000))
  if (done % (total / 20) !== 0) return
  collect()
  const resources = process.getActiveResourcesInfo()
  samples.push({
    done,
    heap: process.memoryUsage().heapUsed,
    timers: resources.filter((name) => name === 'Timeout').length,
    handles: resources.filter((name) => name !== 'Timeout').length,
    listeners:
      getEventListeners(signal, 'abort').length +
      process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    depth: new Error().stack!.split('\n').length,
  })
}

async function reconnects(): Promise<void> {
  const socket = new ReconnectingSocket(url, { signal, retry: { backoff: () => 0 } })
  let closes = 0
  socket.on('close', () => {
    round(++closes)
    if (closes === total) socket.close()
  })
  await socket.closed
}

async function instances(): Promise<void> {
  for (let made = 1; made <= total; made++) {
    const socket = new ReconnectingSocket(url, { signal })
    await socket.opened
    socket.close()
    await socket.closed
    round(made)
  }
}

void (scenario === 'reconnects' ? reconnects() : instances()).then(() => {
  timers.forEach(clearTimeout)
  process.send?.({ samples } satisfies Report, () => process.disconnect())
})
