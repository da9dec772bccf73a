/** The terminal's scenario: one socket, ended by the server in every way there is, while messages are sent all along. */
import { ReconnectingSocket } from 'everopen'
import { brokenLaws, type Seen, summarize } from './laws.js'
import { type DemoServer, type Ending, endings } from './server.js'
import type { Terminal } from './terminal.js'

const titles: Readonly<Record<Ending, string>> = {
  '1000': 'The server closes with 1000, normal closure',
  '1001': 'The server closes with 1001, going away',
  '1011': 'The server closes with 1011, internal error',
  '1012':
    'The server closes with 1012, service restart (5–30 s by default; retry.decide makes it 0.4 s here)',
  fin: 'The server ends TCP with a FIN, without a Close frame',
  rst: 'The server resets TCP (RST)',
  silence: 'The server ends TCP, accepts the next dial, and never answers it',
}

/** How long each connection lives before it is ended, and how often a message is sent. In ms. */
const LIFE = 350
const SEND_EVERY = 40
/** All of it takes about 7 s. In ms. */
const DEADLINE = 15_000

/** Runs to the summary. Returns the laws that were broken, in words. */
export async function runScenario(server: DemoServer, terminal: Terminal): Promise<string[]> {
  const client = 'terminal'
  const started = performance.now()
  const seen: Seen[] = []
  const sent: string[] = []
  const wakers = new Set<() => void>()
  const timers = new Set<NodeJS.Timeout>()
  let echoed = 0
  let queued = 0

  const socket = new ReconnectingSocket(server.url(client), {
    connectTimeout: 1_000,
    retry: {
      backoff: () => 150 + 150 * Math.random(),
      stableAfter: LIFE / 2,
      decide: (end) => (end.code === 1012 ? 400 : undefined),
    },
  })

  const note = (word: string, detail: string, of?: Seen): void => {
    if (of) seen.push(of)
    terminal.event(performance.now() - started, socket.state, word, detail)
    wake()
  }
  const wake = (): void => {
    for (const waker of [...wakers]) waker()
  }
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const waker = (): void => {
        if (!holds()) return
        wakers.delete(waker)
        resolve()
      }
      wakers.add(waker)
      waker()
    })
  const after = (ms: number): Promise<void> => new Promise((resolve) => timers.add(setTimeout(resolve, ms)))
  const send = (): void => {
    const message = `message ${sent.length + 1}`
    sent.push(message)
    if (socket.send(message) === 'queued') queued++
  }
  const startSending = (): (() => void) => {
    const timer = setInterval(send, SEND_EVERY)
    timers.add(timer)
    return () => clearInterval(timer)
  }
  const closes = (): number => seen.filter(({ type }) => type === 'close').length

  socket.on('state', ({ from, to }) => note('state', `${from} → ${to}`, { type: 'state', to }))
  socket.on('open', ({ attempt }) => {
    const retries =
      attempt === 0 ? 'at the first dial' : `after ${attempt} ${attempt === 1 ? 'retry' : 'retries'}`
    const { size } = socket.outbox
    note('open', size === 0 ? retries : `${retries}; ${size} messages waited for it`, { type: 'open' })
  })
  socket.on('error', (error) => note('error', `${error.code}: ${error.message}`, { type: 'error' }))
  socket.on('message', () => {
    echoed++
    wake()
  })
  socket.on('close', ({ code, reason, wasClean, willRetry }) => {
    const how = `${code}${reason && ` “${reason}”`}, ${wasClean ? 'clean' : 'not clean'}`
    note('close', willRetry ? `${how}, dials again` : how, { type: 'close', willRetry })
  })

  /** What was sent on the wire in the instant in which a connection dies can be lost on any network: it ends in silence. */
  const quiet = async (): Promise<void> => {
    const before = echoed
    await until(() => socket.state === 'open')
    const stop = startSending()
    await after(LIFE)
    stop()
    await until(() => echoed === sent.length)
    note('echo', `messages ${before + 1} to ${echoed}`)
  }

  const play = async (): Promise<void> => {
    for (const how of endings) {
      await quiet()
      terminal.heading(titles[how])
      const count = closes()
      server.end(client, how)
      await until(() => closes() > count)
      const stop = startSending()
      await until(() => socket.state === 'open')
      stop()
    }
    await quiet()
    terminal.heading('The client closes')
    socket.close(1000, 'done')
    await until(() => socket.state === 'closed' && closes() > endings.length)
  }

  const late = after(DEADLINE).then(() => true)
  const hangs = await Promise.race([late, play().then(() => false)])
  const state = socket.state
  socket.terminate()
  for (const timer of timers) clearTimeout(timer)

  const books = {
    sent,
    received: server.received(client),
    dials: server.dials(client),
    waiting: socket.outbox.list().map(String),
  }
  const broken = brokenLaws(seen, books)
  if (hangs)
    broken.unshift(`the scenario did not end: after ${DEADLINE / 1_000} s the socket was still ${state}`)
  terminal.summary(summarize(seen, books), queued, broken)
  return broken
}
