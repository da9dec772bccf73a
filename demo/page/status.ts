/** The sentence below the drawing, and the bar that runs out until the next dial. */
import type { ReconnectingSocket, Snapshot } from 'everopen'
import { byId } from './dom.js'

function left(at: number): number {
  return Math.max(0, at - Date.now())
}

const phases: Readonly<Record<string, string>> = {
  preparing: 'Preparing the dial.',
  dialing: 'Dialing.',
  greeting: 'Greeting the server.',
  deciding: 'Deciding whether to dial again.',
}

/** What the socket does, in a sentence. */
function sentence({ state, phase, attempt, nextDialAt }: Snapshot): string {
  const retry = attempt > 0 ? ` Retry ${attempt}.` : ''
  if (phase === 'waiting')
    return `Waiting: dials again in ${(left(nextDialAt ?? 0) / 1_000).toFixed(1)} s.${retry}`
  if (phase !== undefined) return `${phases[phase]}${retry}`
  if (state === 'open') return attempt > 0 ? `Connected, at retry ${attempt}.` : 'Connected.'
  if (state === 'closing') return 'Waiting for the server to close too.'
  return state === 'idle' ? 'Not started.' : 'Over, until connect().'
}

/** Shows them from now on; a screen reader is told of each new state. */
export function showStatus(socket: ReconnectingSocket): void {
  let wait = { until: 0, total: 1 }
  const show = (): void => {
    const { snapshot } = socket
    const { nextDialAt } = snapshot
    byId('detail').textContent = sentence(snapshot)
    if (nextDialAt !== undefined && nextDialAt !== wait.until)
      wait = { until: nextDialAt, total: Math.max(1, left(nextDialAt)) }
    const share = nextDialAt === undefined ? 0 : left(nextDialAt) / wait.total
    byId('bar').style.transform = `scaleX(${share})`
  }
  socket.on('state', ({ to }) => (byId('live').textContent = `The socket is ${to}.`))
  socket.subscribe(show)
  // the countdown
  setInterval(() => socket.snapshot.phase === 'waiting' && show(), 100)
  show()
}
