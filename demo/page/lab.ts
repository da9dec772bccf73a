/** The page's line to its side of the server: what it may do there, and what is seen from there. */
import type { Command, Contender, LabReport } from '../chaos.js'
import { byId } from './dom.js'

const { lab, a, b } = byId('page').dataset

/** Whether there is a server: one that keeps sessions, and that several tabs can share. */
export const served = true

/** What several tabs share. */
export const labId = lab ?? ''

/** Both endpoints, for the socket of that name. */
export function urlsOf(contender: Contender): readonly [a: string, b: string] {
  const url = (port: string | undefined): string =>
    `ws://${location.hostname}:${port}/socket/${lab}-${contender}`
  return [url(a), url(b)]
}

/** `a` or `b`, for the endpoint of a socket. */
export function nameOf(url: string | undefined): string {
  if (!url) return ''
  return new URL(url).port === b ? 'b' : 'a'
}

/** Does it, and resolves when it is done. Rejects where the server cannot be reached. */
export async function act(command: Command): Promise<void> {
  const { ok, status } = await fetch(`/lab/${lab}/chaos`, { method: 'POST', body: JSON.stringify(command) })
  if (!ok) throw new Error(`the server answers ${status}: reload the page`)
}

/** Tells what the server sees, now and whenever there is something new; and when the server knows the page no more. */
export function watch(listener: (report: LabReport) => void, gone: () => void): void {
  const source = new EventSource(`/lab/${lab}/events`)
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) gone()
  }
  source.onmessage = ({ data }) => listener(JSON.parse(String(data)) as LabReport)
}
