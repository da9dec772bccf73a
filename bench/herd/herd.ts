/** A herd: many clients in this process lose their server at one instant, and dial until it is back. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Connect } from './clients.js'

/** What a herd did between the death of its server and the moment that all were back. */
export interface Stampede {
  /** When the server died, as `performance.now()`. */
  readonly death: number
  /** When each attempt began, in ms since the server's death. */
  readonly dials: readonly number[]
  /** From the server's restart until every client was open, in ms. */
  readonly back: number
}

/** Milliseconds a bucket spans, here and wherever a peak is named. */
export const BUCKET = 100

/** The most attempts in any bucket. */
export function peak(dials: readonly number[]): number {
  const buckets = new Map<number, number>()
  for (const at of dials) {
    const bucket = Math.floor(at / BUCKET)
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1)
  }
  return Math.max(0, ...buckets.values())
}

/** Opens `count` clients, kills their server, starts it again after `down` ms, and waits until all are open. */
export async function stampede(connect: Connect, count: number, down: number): Promise<Stampede> {
  let server = await start(0)
  const dials: number[] = []
  let death = Infinity
  const clients = Array.from({ length: count }, () =>
    connect(server.url, () => {
      if (death < Infinity) dials.push(performance.now() - death)
    }),
  )
  try {
    await until(() => clients.every((client) => client.isOpen()))
    death = performance.now()
    await server.kill()
    await new Promise((resolve) => setTimeout(resolve, down))
    server = await start(server.port)
    const restart = performance.now()
    await until(() => clients.every((client) => client.isOpen()))
    return { death, dials, back: performance.now() - restart }
  } finally {
    for (const client of clients) client.close()
    await server.kill()
  }
}

async function start(port: number) {
  const child: ChildProcess = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), [String(port)], {
    execArgv: [],
  })
  const [bound] = (await once(child, 'message')) as [number]
  return {
    port: bound,
    url: `ws://127.0.0.1:${bound}/`,
    async kill(): Promise<void> {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** Looks again every few ms: a thousand clients of three makes have no event in common. */
function until(holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!holds()) return
      clearInterval(timer)
      resolve()
    }, 10)
  })
}
