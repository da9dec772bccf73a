/** What a row is. Each is measured in a process of its own, for each peer and round. */
import type { Client, Peer, Wanted } from '../peers.js'

/** What the server can be made to do to all of its connections. */
export type Kill = 'Close frame' | 'FIN' | 'RST' | 'silence' | 'outage of 3 s'

export interface Context {
  readonly url: string
  /** How much of everything: 1, or less for a try. */
  readonly share: number
  /** Resolves when it is done; for an outage, when the server listens again. */
  readonly kill: (how: Kill) => Promise<void>
}

export interface Row {
  readonly name: string
  readonly unit: string
  readonly better: 'more' | 'less'
  readonly digits: number
  readonly needs: readonly (keyof Peer['cannot'])[]
  /** Compared to the first peer, as a ratio. */
  readonly ratio: boolean
  readonly group: 'traffic' | 'outbox' | 'idle' | 'loss' | 'return' | 'exit'
  /** How long it may take, in ms, where that is more than usual. */
  readonly patience?: number
  /** The figure; with `undefined`, how long the process takes from then on to exit by itself, in ms. */
  readonly measure: (peer: Peer, context: Context) => Promise<number | undefined>
}

export const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** A client that is open. */
export async function open(
  peer: Peer,
  url: string,
  message: (data: unknown) => void = () => {},
  wanted?: Wanted,
): Promise<Client> {
  let client!: Client
  await new Promise<void>((resolve) => {
    client = peer.create(url, { open: resolve, message, close() {} }, wanted)
  })
  return client
}

/** So many clients that are open, 200 dials at a time. */
export async function openMany(
  peer: Peer,
  url: string,
  count: number,
  opened: () => void = () => {},
  wanted?: Wanted,
): Promise<Client[]> {
  const all: Client[] = []
  while (all.length < count) {
    const some = Array.from(
      { length: Math.min(200, count - all.length) },
      () =>
        new Promise<Client>((resolve) => {
          const client = peer.create(
            url,
            {
              open() {
                resolve(client)
                opened()
              },
              message() {},
              close() {},
            },
            wanted,
          )
        }),
    )
    all.push(...(await Promise.all(some)))
  }
  return all
}
