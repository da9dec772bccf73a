/** The page's side of the demo: one ReconnectingSocket, shown as it lives. */
import type { LogRecord } from 'everopen'
import { Diagram } from './diagram.js'
import { allow, byId, onClick } from './dom.js'
import type { Place } from './places.js'
import { openSocket } from './socket.js'
import { showStatus } from './status.js'
import { Timeline } from './timeline.js'

const client = byId('page').dataset.client ?? ''
const counts = { opens: 0, closes: 0, errors: 0, sent: 0, echoed: 0 }
/** More than that the page does not let wait: it is no use to anyone. */
const MOST_WAITING = 100

const diagram = new Diagram(byId<SVGSVGElement>('diagram'))
const timeline = new Timeline()

let place: Place = 'idle'
function log(record: LogRecord): void {
  if (record.type !== 'transition') return
  const to = (record.phase ?? record.to) as Place
  const wait = record.dialIn === undefined ? '' : `, for ${(record.dialIn / 1_000).toFixed(2)} s`
  timeline.note('state', `${place} → ${to}${wait}`)
  diagram.move(place, to)
  place = to
}

const socket = openSocket(`${location.origin.replace(/^http/, 'ws')}/socket/${client}`, log)

function show(): void {
  const { state } = socket
  for (const [id, count] of Object.entries(counts)) byId(id).textContent = String(count)
  byId('waiting').textContent = String(socket.outbox.size)
  for (const button of byId('endings').children) allow(button, state === 'open')
  allow(byId('connect'), state === 'idle' || state === 'closed')
  allow(byId('close'), state !== 'closing' && state !== 'closed')
  allow(byId('send'), socket.outbox.size < MOST_WAITING)
}

function send(): void {
  counts.sent++
  const message = `message ${counts.sent}`
  timeline.note('send', `${message}, ${socket.send(message)}`)
  show()
}

socket.on('open', ({ reconnected }) => {
  counts.opens++
  timeline.note('open', reconnected ? 'again' : 'for the first time')
})
socket.on('close', ({ code, reason, willRetry }) => {
  counts.closes++
  timeline.note('close', `${code}${reason ? ` “${reason}”` : ''}${willRetry ? ', dials again' : ''}`)
})
socket.on('error', (error) => {
  counts.errors++
  timeline.note('error', `${error.code}: ${error.message}`)
})
socket.on('message', (data) => {
  counts.echoed++
  timeline.note('echo', String(data))
  show()
})
socket.on('heartbeat', ({ rtt }) => timeline.note('heartbeat', `answered after ${rtt.toFixed(1)} ms`))
socket.on('drop', ({ data, reason }) => timeline.note('drop', `${String(data)}: ${reason}`))
socket.subscribe(show)

onClick('endings', ({ dataset }) => {
  timeline.note('chaos', `end: ${dataset.how}`)
  fetch(`/end/${client}/${dataset.how}`, { method: 'POST' }).catch(() =>
    timeline.note('chaos', 'the server did not hear it: is it still running?'),
  )
})
onClick('send', send)
onClick('connect', () => socket.connect())
onClick('reconnect', () => socket.reconnect())
onClick('close', () => socket.close(1000, 'done'))

setInterval(() => {
  if (byId<HTMLInputElement>('keep-sending').checked && socket.outbox.size < MOST_WAITING) send()
}, 1_000)
showStatus(socket)
show()
