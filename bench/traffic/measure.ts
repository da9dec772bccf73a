/** What is measured of one client: messages a second, each way, with the client as the bottleneck. */
import type { Client, Open } from './clients.js'

export interface Load {
  readonly kind: 'text' | 'binary'
  /** Bytes of each message. */
  readonly size: number
  /** Messages sent in one turn of the event loop. */
  readonly burst: number
  /** Messages of one measurement. */
  readonly count: number
}

/** Messages a second that come to a listener. */
export async function receiving(open: Open, url: string, { kind, size, count }: Load): Promise<number> {
  let left = count
  let done!: () => void
  const all = new Promise<void>((resolve) => (done = resolve))
  const client = await open(`${url}?count=${count}&size=${size}&kind=${kind}`, () => --left === 0 && done())
  const start = performance.now()
  client.send('go')
  await all
  const rate = (count / (performance.now() - start)) * 1_000
  client.close()
  return rate
}

/** Messages a second that are written. */
export async function sending(open: Open, url: string, { kind, size, burst, count }: Load): Promise<number> {
  const client = await open(url, () => {})
  const data = kind === 'text' ? 'x'.repeat(size) : Buffer.alloc(size, 'x')
  const start = performance.now()
  for (let sent = 0; sent < count; sent += burst) {
    for (let i = 0; i < burst; i++) client.send(data)
    do await new Promise(setImmediate)
    while (client.buffered() > 524_288)
  }
  await drained(client)
  const rate = (count / (performance.now() - start)) * 1_000
  client.close()
  return rate
}

async function drained(client: Client): Promise<void> {
  while (client.buffered() > 0) await new Promise(setImmediate)
}
