/** The sockets that are compared: each is given the same messages, and the server is asked what arrived. */
import type { ReconnectingSocket } from 'everopen'
import PartySocket from 'partysocket/ws'
import PeerSocket from 'reconnecting-websocket'
import type { Contender } from '../chaos.js'
import { urlsOf } from './lab.js'
import { backoff, openSession, stableAfter } from './socket.js'

/** The part that they have in common. */
interface SocketLike {
  readonly readyState: number
  readonly url: string
  send(data: string): void
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void
}

/** One of them, as the page sees it. */
export interface Runner {
  readonly name: Contender
  readonly label: string
  readonly state: () => string
  readonly url: () => string | undefined
  /** Whether it is closed, and will send nothing that it was given. */
  readonly over: () => boolean
  readonly send: (message: string) => string
  /** Connections that it has opened. */
  opens: number
  /** Messages that it has taken, numbered from 1. */
  sent: number
}

const states = ['connecting', 'open', 'closing', 'closed']

function ordinary(name: Contender, label: string, socket: SocketLike, changed: () => void): Runner {
  const runner: Runner = {
    name,
    label,
    state: () => states[socket.readyState] ?? '',
    url: () => socket.url,
    over: () => socket.readyState === WebSocket.CLOSED,
    send: (message) => {
      socket.send(message)
      return states[socket.readyState] ?? ''
    },
    opens: 0,
    sent: 0,
  }
  socket.addEventListener('open', () => {
    runner.opens++
    changed()
  })
  for (const type of ['close', 'error'] as const) socket.addEventListener(type, changed)
  return runner
}

/** Both endpoints, in turn. */
function turns(name: Contender): () => string {
  const urls = urlsOf(name)
  let dials = 0
  return () => urls[dials++ % 2] ?? urls[0]
}

/**
 * Starts the others beside everopen's socket. `changed` is called when one of them is in another state.
 * @param alone Without the others: several tabs share a connection, which they cannot.
 */
export function startContenders(
  socket: ReconnectingSocket,
  alone: boolean,
  changed: () => void,
): readonly [ours: Runner, ...Runner[]] {
  const ours: Runner = {
    name: 'everopen',
    label: 'everopen',
    state: () => socket.snapshot.phase ?? socket.state,
    url: () => socket.snapshot.endpoint,
    // what waits in its outbox goes out after connect()
    over: () => false,
    send: (message) => socket.send(message),
    opens: 0,
    sent: 0,
  }
  socket.on('open', () => ours.opens++)
  socket.subscribe(changed)
  if (alone) return [ours]
  const delays = {
    minReconnectionDelay: backoff.base,
    maxReconnectionDelay: backoff.cap,
    minUptime: stableAfter,
    connectionTimeout: 2_000,
  }
  return [
    ours,
    ordinary('websocket', 'WebSocket', new WebSocket(urlsOf('websocket')[0]), changed),
    ordinary(
      'reconnecting',
      'reconnecting-websocket',
      new PeerSocket(turns('reconnecting'), [], delays),
      changed,
    ),
    ordinary('partysocket', 'partysocket', new PartySocket(turns('partysocket'), [], delays), changed),
  ]
}

/** The switch "with a session": while it is on, there is one more. `changed` is called when something about it is new. */
export function sessionOnDemand(toggle: HTMLInputElement, changed: () => void): () => Runner | undefined {
  let runner: Runner | undefined
  const begin = (): Runner => {
    const socket = openSession(urlsOf('session'))
    const begun: Runner = {
      name: 'session',
      label: 'everopen, with a session',
      state: () => socket.snapshot.phase ?? socket.state,
      url: () => socket.snapshot.endpoint,
      // what it holds goes out whenever it is switched on again
      over: () => false,
      send(message) {
        if (!toggle.checked) throw new Error('switched off')
        return String(socket.send(message))
      },
      opens: 0,
      sent: 0,
    }
    socket.on('open', () => begun.opens++)
    socket.subscribe(changed)
    toggle.addEventListener('change', () => (toggle.checked ? socket.connect() : socket.close(1000, 'off')))
    socket.connect()
    return begun
  }
  toggle.addEventListener('change', () => {
    runner ??= begin()
    changed()
  })
  return () => runner
}

/** The next message goes to each that takes it. Returns what everopen's socket answered. */
export function sendToAll(runners: readonly Runner[]): string {
  return runners
    .map((runner) => {
      try {
        const answer = runner.send(`message ${runner.sent + 1}`)
        runner.sent++
        return answer
      } catch (error) {
        // whoever throws has not taken it
        return String(error)
      }
    })
    .slice(0, 1)
    .join()
}
