/** A page meets a server that does what a test asks for: every event of the page, in order. */
import { readFileSync } from 'node:fs'
import { type RawConnection, type RawServer, serve } from '../test/faults/raw-server.js'
import { expect, type Tab } from './engine.js'
import { type Site, startSite } from './site.js'

const { unpkg } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly unpkg: string
}

/** Runs in the page: every event of `socket` in a few words. `wait` is what `decide` answers. */
const recorder = `
  const word = {
    state: ({ from, to }) => from + ' → ' + to,
    open: ({ attempt, reconnected }) => 'open ' + attempt + (reconnected ? ' again' : ''),
    message: (data) => 'message ' + data,
    error: ({ code }) => 'error ' + code,
    close: ({ code, reason, by, wasClean, willRetry }) =>
      'close ' + code + (reason && ' ' + reason) +
      ' (' + by + ', ' + (wasClean ? 'clean' : 'unclean') + ', ' + (willRetry ? 'retries' : 'final') + ')',
    heartbeat: () => 'heartbeat',
  }
  const told = (window.told = [])
  function start(url, { wait, ...options }) {
    const socket = new everopen.ReconnectingSocket(url, { retry: { backoff: () => 5, decide: wait === undefined ? undefined : () => wait }, ...options })
    socket.on('*', (type, detail) => told.push(word[type](detail)))
    window.socket = socket
  }
`

export interface InPage {
  readonly problems: string[]
  readonly told: string[]
  readonly socket: { close(): void; readonly closed: Promise<unknown>; readonly state: string }
  start(url: unknown, options: object): void
}

export let site: Site
export async function startMeeting(): Promise<void> {
  const script = `<script src="/${unpkg.replace('./', '')}"></script><script>${recorder}</script>`
  site = await startSite({ '/': `${script}` }, 0)
}
export const stopMeeting = (): Promise<void> => site.stop()

/**
 * Lets the first connection meet `script`, and those after it a good server. The events must be exactly `words`; then
 * the page closes, and no connection may be left.
 */
export async function meet(
  tab: Tab,
  script: (connection: RawConnection, toldOfOpen: () => Promise<void>) => unknown,
  words: readonly string[],
  options: object = {},
  look: (server: RawServer) => void = () => {},
): Promise<void> {
  const toldOfOpen = (): Promise<void> =>
    tab.until(() => (globalThis as unknown as InPage).told.includes('open 0'))
  const server = await serve(
    (connection, n) => void (n === 0 ? script(connection, toldOfOpen) : connection.accept()),
  )
  try {
    await tab.goto(site.origin)
    await tab.evaluate(([url, given]) => (window as unknown as InPage).start(url, given), [
      server.url,
      options,
    ] as const)
    const told = (): Promise<string[]> => tab.evaluate(() => (globalThis as unknown as InPage).told)
    await expect.poll(told, { intervals: [20] }).toEqual(words)
    look(server)
    await tab.evaluate(async () => {
      const { socket } = window as unknown as InPage
      socket.close()
      await socket.closed
    })
    const stays = !words.at(-1)!.startsWith('close ')
    expect(await told()).toEqual(stays ? [...words, ...closedByUser] : words)
    server.release()
    await expect.poll(() => server.live).toBe(0)
    expect(await tab.evaluate(() => (globalThis as unknown as InPage).problems)).toEqual([])
  } finally {
    await server.stop()
  }
}

export const closedByUser = ['open → closing', 'closing → closed', 'close 1005 (user, clean, final)']
export const opened = ['connecting → open', 'open 0']
export const again = ['connecting → open', 'open 1 again']
export const lost = [...opened, 'open → connecting', 'close 1006 (network, unclean, retries)', ...again]
export const failed = ['error ERR_CONNECTION', 'connecting → open', 'open 1']
export const timedOut = ['error ERR_CONNECT_TIMEOUT', ...failed.slice(1)]
