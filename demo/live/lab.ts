/** What `demo/page/lab.ts` is to a page with a server, for one that has none. */
import type { Command, Contender, LabReport } from '../chaos.js'
import { LiveServer } from './server.js'
import { LiveSocket } from './socket.js'

const server = (LiveSocket.server = new LiveServer())
// before any socket of the page is made
globalThis.WebSocket = LiveSocket as unknown as typeof WebSocket

/** Whether there is a server: one that keeps sessions, and that several tabs can share. */
export const served = false

/** What several tabs share: nothing. */
export const labId = ''

/** Both endpoints, for the socket of that name. */
export function urlsOf(contender: Contender): readonly [a: string, b: string] {
  return [`ws://a/${contender}`, `ws://b/${contender}`]
}

/** `a` or `b`, for the endpoint of a socket. */
export function nameOf(url: string | undefined): string {
  return url ? new URL(url).hostname : ''
}

export function act(command: Command): Promise<void> {
  server.act(command)
  return Promise.resolve()
}

export function watch(listener: (report: LabReport) => void): void {
  server.watch(listener)
}
