/** The terminal's scenario: one socket, closed by the server in every way there is, a line for each event. */
import { ReconnectingSocket } from 'everopen'
import { brokenLaws, type Seen, summarize } from './laws.js'
import { type DemoServer, type Ending, endings } from './server.js'

const titles: Readonly<Record<Ending, string>> = {
  '1000': 'the server closes with 1000, “bye”',
  '1001': 'the server closes with 1001, “going away”',
  '1011': 'the server closes with 1011, “oops”',
  '1012': 'the server closes with 1012, “restarting” (5–30 s by default; retry.decide makes it 0.3 s here)',
  fin: 'the server ends TCP with a FIN, without a Close frame',
  rst: 'the server resets TCP',
  silence: 'the server resets TCP, then accepts the next dial and never answers it',
}

const color = process.stdout.isTTY && !process.env.NO_COLOR
const paint = (code: number, text: string): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
const states: Readonly<Record<string, number>> = {
  connecting: 33,
  open: 32,
  closing: 35,
  closed: 90,
  idle: 90,
}

/** Runs to the summary. Returns the laws that were broken, in words. */
export async function runScenario(server: DemoServer, say: (line: string) => void): Promise<string[]> {
  const client = 'terminal'
  const started = performance.now()
  const seen: Seen[] = []
  const sent: string[] = []
  const wakers = new Set<() => void>()
  const socket = new ReconnectingSocket(server.url(client), {
    connectTimeout: 1_500,
    retry: { backoff: () => 400, decide: (end) => (end.code === 1012 ? 300 : undefined) },
  })

  const note = (word: string, detail: string, of?: Seen): void => {
    if (of) seen.push(of)
    const time = ((performance.now() - started) / 1_000).toFixed(2).padStart(6)
    say(
      `${paint(90, `${time} s`)}  ${paint(states[socket.state] ?? 0, socket.state.padEnd(10))}  ${word.padEnd(8)}${detail}`,
    )
    for (const wake of [...wakers]) wake()
  }
  /** Waits for events, not for time. */
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        if (!holds()) return
        wakers.delete(wake)
        resolve()
      }
      wakers.add(wake)
      wake()
    })
  const send = (): void => {
    const message = `message ${sent.length + 1}`
    sent.push(message)
    const outcome = socket.send(message)
    note('send', `${message}, ${outcome}`)
  }
  const allEchoed = (): boolean => echoed === sent.length

  let echoed = 0
  socket.on('state', ({ from, to }) => note('state', `${from} → ${to}`, { type: 'state', to }))
  socket.on('open', ({ attempt }) =>
    note('open', attempt === 0 ? '' : `after ${attempt} ${attempt === 1 ? 'retry' : 'retries'}`, {
      type: 'open',
    }),
  )
  socket.on('error', (error) => note('error', `${error.code}: ${error.message}`, { type: 'error' }))
  socket.on('message', (data) => {
    echoed++
    note('echo', String(data))
  })
  socket.on('close', ({ code, reason, willRetry }) =>
    note('close', `${code}${reason ? ` “${reason}”` : ''}${willRetry ? ', dials again' : ''}`, {
      type: 'close',
      willRetry,
    }),
  )

  for (const how of endings) {
    await until(() => socket.state === 'open')
    send()
    // what is on the wire when a connection dies may be lost on any network: the server waits until it has it
    await until(allEchoed)
    say('')
    say(paint(1, `▸ ${titles[how]}`))
    const closes = seen.filter(({ type }) => type === 'close').length
    server.end(client, how)
    await until(() => seen.filter(({ type }) => type === 'close').length > closes)
    // nobody is there: it waits in the outbox
    send()
    await until(allEchoed)
  }
  say('')
  say(paint(1, '▸ the client closes'))
  socket.close(1000, 'done')
  await until(() => socket.state === 'closed' && seen.at(-1)?.type === 'close')

  const books = { sent, received: server.received(client) }
  const { opens, closes, errors, received, lost, duplicates } = summarize(seen, books)
  say('')
  say(
    `opens ${opens}, closes ${closes}, failed dials ${errors}; messages sent ${sent.length}, received ${received}, lost ${lost}, twice ${duplicates}`,
  )
  return brokenLaws(seen, books)
}
