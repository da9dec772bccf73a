/* The page's side of the demo: one ReconnectingSocket, shown as it lives. `everopen` comes from the script-tag build. */
const { ReconnectingSocket } = globalThis.everopen

const client = `page-${Math.random().toString(36).slice(2, 10)}`
const started = performance.now()
const byId = (id) => document.getElementById(id)
const counts = { opens: 0, closes: 0, errors: 0, sent: 0, echoed: 0 }
const MOST_LINES = 500
/** More than that the page does not let wait: it is no use to anyone. */
const MOST_WAITING = 100

const socket = new ReconnectingSocket(`${location.origin.replace(/^http/, 'ws')}/socket/${client}`, {
  connectTimeout: 2_000,
  retry: {
    backoff: { base: 1_000, cap: 3_000 },
    // 1012 asks for a random 5–30 s: too long to watch
    decide: (end) => (end.code === 1012 ? 2_000 : undefined),
  },
})

function note(word, detail) {
  const line = document.createElement('li')
  line.dataset.word = word
  const time = document.createElement('time')
  time.textContent = `${((performance.now() - started) / 1_000).toFixed(2)} s`
  const name = document.createElement('span')
  name.className = 'word'
  name.textContent = word
  const text = document.createElement('span')
  text.className = 'detail-text'
  text.textContent = detail
  line.append(time, name, text)
  byId('timeline').prepend(line)
  while (byId('timeline').children.length > MOST_LINES) byId('timeline').lastChild.remove()
  show()
}

const phases = {
  waiting: ({ nextDialAt }) => `Waiting: dials again in ${(left(nextDialAt) / 1_000).toFixed(1)} s.`,
  preparing: () => 'Preparing the dial.',
  dialing: () => 'Dialing.',
  deciding: () => 'Deciding whether to dial again.',
}
const states = {
  idle: () => 'Not started.',
  connecting: (snapshot) => phases[snapshot.phase](snapshot),
  open: ({ attempt }) => (attempt > 0 ? `Connected, at retry ${attempt}.` : 'Connected.'),
  closing: () => 'Waiting for the server to close too.',
  closed: () => 'Over, until connect().',
}

function left(at) {
  return Math.max(0, at - Date.now())
}

/** The wait for the next dial, as the countdown shows it: until when, and how long it was at first. */
let wait = { until: 0, total: 1 }

/** Everything on the page that follows from the snapshot and the counts. */
function show() {
  const { snapshot } = socket
  const { state, attempt, nextDialAt } = snapshot
  for (const item of byId('states').children) {
    if (item.dataset.state === state) item.setAttribute('aria-current', 'step')
    else item.removeAttribute('aria-current')
  }
  const retry = state === 'connecting' && attempt > 0 ? ` Retry ${attempt}.` : ''
  byId('detail').textContent = states[state](snapshot) + retry
  if (nextDialAt !== undefined && nextDialAt !== wait.until)
    wait = { until: nextDialAt, total: Math.max(1, left(nextDialAt)) }
  byId('bar').style.transform = `scaleX(${nextDialAt === undefined ? 0 : left(nextDialAt) / wait.total})`
  for (const [id, count] of Object.entries(counts)) byId(id).textContent = count
  byId('waiting').textContent = socket.outbox.size
  for (const button of byId('endings').children) allow(button, state === 'open')
  allow(byId('connect'), state === 'idle' || state === 'closed')
  allow(byId('close'), state !== 'closing' && state !== 'closed')
  allow(byId('send'), socket.outbox.size < MOST_WAITING)
}

function allow(button, allowed) {
  button.setAttribute('aria-disabled', String(!allowed))
}

/** Does it at each click, unless the button is greyed out. */
function onClick(id, act) {
  byId(id).addEventListener('click', ({ target }) => {
    const button = target.closest('button')
    if (button && button.getAttribute('aria-disabled') !== 'true') act(button)
  })
}

function send() {
  counts.sent++
  const message = `message ${counts.sent}`
  note('send', `${message}, ${socket.send(message)}`)
}

socket.on('state', ({ from, to }) => {
  byId('live').textContent = `The socket is ${to}.`
  note('state', `${from} → ${to}`)
})
socket.on('open', ({ reconnected }) => {
  counts.opens++
  note('open', reconnected ? 'again' : 'for the first time')
})
socket.on('close', ({ code, reason, willRetry }) => {
  counts.closes++
  note('close', `${code}${reason ? ` “${reason}”` : ''}${willRetry ? ', dials again' : ''}`)
})
socket.on('error', (error) => {
  counts.errors++
  note('error', `${error.code}: ${error.message}`)
})
socket.on('message', (data) => {
  counts.echoed++
  note('echo', data)
})
socket.subscribe(show)

onClick('endings', ({ dataset }) => {
  fetch(`/end/${client}/${dataset.how}`, { method: 'POST' }).catch(() =>
    note('server', 'did not hear it: is it still running?'),
  )
})
onClick('send', send)
onClick('connect', () => socket.connect())
onClick('reconnect', () => socket.reconnect())
onClick('close', () => socket.close(1000, 'done'))

// the countdown
setInterval(() => socket.snapshot.phase === 'waiting' && show(), 100)
setInterval(() => {
  if (byId('keep-sending').checked && socket.outbox.size < MOST_WAITING) send()
}, 1_000)
show()
