/* The page's side of the demo: one ReconnectingSocket, shown as it lives. `everopen` comes from the script-tag build. */
const { ReconnectingSocket } = globalThis.everopen

const client = `page-${Math.random().toString(36).slice(2, 10)}`
const started = performance.now()
const byId = (id) => document.getElementById(id)
const counts = { opens: 0, closes: 0, errors: 0, sent: 0, echoed: 0 }
const MOST_LINES = 500

const socket = new ReconnectingSocket(`ws://${location.host}/socket/${client}`, {
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
  waiting: ({ nextDialAt }) =>
    `The next dial is in ${Math.max(0, (nextDialAt - Date.now()) / 1_000).toFixed(1)} s.`,
  preparing: () => 'Finding out where to dial.',
  dialing: () => 'Dialing.',
  deciding: () => 'Deciding whether to dial again.',
}
const states = {
  idle: () => 'Not started.',
  connecting: (snapshot) => phases[snapshot.phase](snapshot),
  open: () => 'Connected.',
  closing: () => 'Waiting for the server to close too.',
  closed: () => 'Over, until connect().',
}

/** Everything on the page that follows from the snapshot and the counts. */
function show() {
  const { snapshot } = socket
  for (const item of byId('states').children) {
    if (item.dataset.state === snapshot.state) item.setAttribute('aria-current', 'step')
    else item.removeAttribute('aria-current')
  }
  const attempt = snapshot.attempt > 0 ? ` Retry ${snapshot.attempt} in a row.` : ''
  byId('detail').textContent = states[snapshot.state](snapshot) + attempt
  for (const [id, count] of Object.entries(counts)) byId(id).textContent = count
  byId('waiting').textContent = socket.outbox.size
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

byId('endings').addEventListener('click', ({ target }) => {
  const { how } = target.dataset
  if (how) fetch(`/end/${client}/${how}`, { method: 'POST' }).catch((error) => note('error', error.message))
})
byId('send').addEventListener('click', send)
byId('connect').addEventListener('click', () => socket.connect())
byId('reconnect').addEventListener('click', () => socket.reconnect())
byId('close').addEventListener('click', () => socket.close(1000, 'done'))

// the countdown
setInterval(() => socket.snapshot.phase === 'waiting' && show(), 100)
show()
