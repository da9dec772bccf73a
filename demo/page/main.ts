/** The page's side of the demo: one ReconnectingSocket, shown as it lives, and three others beside it. */
import type { LogRecord } from 'everopen'
import { type Runner, sendToAll, sessionOnDemand, startContenders } from './contenders.js'
import { Diagram } from './diagram.js'
import { allow, byId, onClick } from './dom.js'
import { Envelope } from './envelope.js'
import { Herd } from './herd.js'
import { History } from './history.js'
import { nameOf, served, urlsOf, watch } from './lab.js'
import { showPanel, wirePanel } from './panel.js'
import type { Place } from './places.js'
import { Plots } from './plots.js'
import { Race } from './race.js'
import { backoff, decide, openSocket, stableAfter } from './socket.js'
import { showStatus } from './status.js'
import { joinTabs } from './tabs.js'
import { Timeline } from './timeline.js'

const counts = { opens: 0, closes: 0, errors: 0, sent: 0, echoed: 0 }
/** More than that the page does not let wait: it is no use to anyone. */
const MOST_WAITING = 100
const SEND_EVERY = 500

const diagram = new Diagram(byId<SVGSVGElement>('diagram'))
const timeline = new Timeline()
const race = new Race()
const history = new History()
const envelope = new Envelope({
  backoff,
  stableAfter,
  endpoints: 2,
  decided: (code) => decide({ code }),
  now: () => performance.now(),
})
history.places.push({ at: 0, place: 'idle' })

let place: Place = 'idle'
function log(record: LogRecord): void {
  const delay = envelope.read(record)
  if (delay) history.delays.push({ at: history.now, ...delay })
  if (record.type === 'dial')
    timeline.note('dial', `endpoint ${nameOf(record.endpoint)}, retry ${record.attempt}`)
  if (record.type !== 'transition') return
  const to = (record.phase ?? record.to) as Place
  const wait = record.dialIn === undefined ? '' : `, for ${(record.dialIn / 1_000).toFixed(2)} s`
  timeline.note('state', `${place} → ${to}${wait}`)
  diagram.move(place, to)
  history.places.push({ at: history.now, place: to })
  place = to
}

const shared = joinTabs((text) => timeline.note('state', text))
// the server counts by socket, and these are one
byId('race').closest('section')!.hidden = shared !== undefined
const socket = openSocket(urlsOf('everopen'), log, shared)
socket.on('open', () => envelope.opened())
const [ours, ...others] = startContenders(socket, shared !== undefined, () => race.show(runners()))
const withSession = byId<HTMLInputElement>('with-session')
const session = sessionOnDemand(withSession, () => race.show(runners()))
withSession.closest('label')!.hidden = !served || shared !== undefined
const runners = (): Runner[] => [ours, ...others, ...[session() ?? []].flat()]

function show(): void {
  const { state } = socket
  for (const [id, count] of Object.entries(counts)) byId(id).textContent = String(count)
  byId('waiting').textContent = String(socket.outbox.size)
  allow(byId('connect'), state === 'idle' || state === 'closed')
  allow(byId('close'), state !== 'closing' && state !== 'closed')
  allow(byId('send'), socket.outbox.size < MOST_WAITING)
  race.show(runners())
  const { sent } = counts
  const { received, lost } = race.books(ours)
  history.counts.push({ at: history.now, waiting: socket.outbox.size, sent, received, lost })
}

function send(): void {
  counts.sent++
  const answer = sendToAll(runners())
  timeline.note('send', `message ${counts.sent}, ${answer}`)
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
socket.on('heartbeat', ({ rtt }) => {
  history.rtts.push({ at: history.now, rtt })
  timeline.note('heartbeat', `answered after ${rtt.toFixed(1)} ms`)
})
socket.on('drop', ({ data, reason }) => timeline.note('drop', `${String(data)}: ${reason}`))
socket.subscribe(show)

wirePanel((text) => timeline.note('chaos', text))
const gone = (): void => timeline.note('chaos', 'the server knows this page no more: reload it')
watch((report) => {
  race.take(report)
  showPanel(report)
  show()
}, gone)
onClick('send', send)
onClick('connect', () => socket.connect())
onClick('reconnect', () => socket.reconnect())
onClick('close', () => socket.close(1000, 'done'))

// for whoever is after one message, and no other
if (location.search === '?quiet') byId<HTMLInputElement>('keep-sending').checked = false
setInterval(() => {
  if (byId<HTMLInputElement>('keep-sending').checked && socket.outbox.size < MOST_WAITING) send()
}, SEND_EVERY)
showStatus(socket)
show()
new Plots(history)
new Herd()
