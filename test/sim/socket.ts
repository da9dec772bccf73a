/** A real ReconnectingSocket over a simulated platform, with what it says and what surfaces. */
import { onTestFinished, vi } from 'vitest'
import type { Endpoint, Events, Options } from '../../src/index.js'
import { ReconnectingSocket } from '../../src/socket/socket.js'
import { settled } from './clock.js'
import { type SimLink, SimPlatform } from './platform.js'
import type { Provider } from '../../src/options/provider.js'

export const URL_A = 'ws://a.test/'

const Socket = ReconnectingSocket as unknown as new (
  url: Provider<Endpoint>,
  options: Options,
  platform: SimPlatform,
) => ReconnectingSocket

/** Errors that surface as uncaught listener errors, from now to the end of the test. */
export function catchReports(): unknown[] {
  const reports: unknown[] = []
  vi.stubGlobal('reportError', (error: unknown) => reports.push(error))
  onTestFinished(() => void vi.unstubAllGlobals())
  return reports
}

/** One line for each event, enough to compare a sequence of them. */
export function describeEvent<K extends keyof Events>(type: K, detail: Events[K]): string {
  if (type === 'state') return `${(detail as Events['state']).from}→${(detail as Events['state']).to}`
  if (type === 'open')
    return `open ${(detail as Events['open']).attempt}${(detail as Events['open']).reconnected ? ' again' : ''}`
  if (type === 'close') {
    const { by, code, willRetry } = detail as Events['close']
    return `close ${code} by ${by}, ${willRetry ? 'retries' : 'final'}`
  }
  if (type === 'error') return `error ${(detail as Events['error'] | undefined)?.code}`
  if (type === 'message') return `message ${String(detail)}`
  if (type === 'drop')
    return `drop ${String((detail as Events['drop']).data)}: ${(detail as Events['drop']).reason}`
  if (type === 'undecodable') return `undecodable ${String((detail as Events['undecodable']).data)}`
  return `heartbeat ${(detail as Events['heartbeat']).rtt}`
}

export interface Simulated {
  readonly socket: ReconnectingSocket
  readonly platform: SimPlatform
  readonly clock: SimPlatform['clock']
  /** What it said since the last look. */
  said(): string[]
  /** The latest link. */
  readonly link: SimLink
}

export function simulate(
  options: Options = {},
  url: Provider<Endpoint> = URL_A,
  platform = new SimPlatform(),
): Simulated {
  const socket = new Socket(url, options, platform)
  const events: string[] = []
  socket.on('*', (type, detail) => events.push(describeEvent(type, detail)))
  return {
    socket,
    platform,
    clock: platform.clock,
    said: () => events.splice(0),
    get link() {
      return platform.link
    },
  }
}

/** The same, already open. */
export async function open(options: Options = {}, url?: Provider<Endpoint>): Promise<Simulated> {
  const simulated = simulate(options, url)
  await settled()
  simulated.link.open()
  simulated.said()
  return simulated
}
