/** One run of the fuzz: the real socket over real connections that break, and the accounts at the end. */
import type { Options, ReconnectingSocket as Socket } from '../../src/index.js'
import { balance } from './ledger.js'
import { make, numberOf, type Seen } from './payload.js'
import { healthy } from './proxy.js'
import { recorded, type Recording } from './recording.js'
import { script, type Sending, type Step } from './script.js'
import { world } from './world.js'
import { Stuck, Wrong } from './wrong.js'

export type SocketClass = new (url: string, options: Options) => Socket

/** How often a healthy network may be looked at, 20 ms apart, without anything having moved: however busy the machine is. */
const PATIENCE = 1_500
/** What listeners send in one run, at most. */
const REPLIES = 100

export interface Result {
  readonly messages: number
  readonly bytes: number
  readonly connections: number
}

/** Throws Wrong where the accounts do not balance, and Stuck where they cannot be made. */
export async function run(ReconnectingSocket: SocketClass, seed: number): Promise<Result> {
  const drawn = script(seed)
  const { random, heartbeat, reply, steps } = drawn
  let weather: 'faulty' | 'healthy' = 'faulty'
  const place = await world(
    drawn,
    () => (weather === 'faulty' ? drawn.fault() : healthy),
    () => (weather === 'faulty' ? drawn.server() : { after: 0, how: 'none' }),
  )
  const recordings: Recording[] = []
  const pressed = random() < 0.2
  const small = pressed || random() < 0.3
  const socket = new ReconnectingSocket(place.url, {
    WebSocket: recorded(recordings),
    node: place.node,
    heartbeat,
    connectTimeout: 2_000,
    closeTimeout: 50,
    outbox: {
      maxMessages: small ? 20 : 1e6,
      maxBytes: 1e9,
      overflow: (['throw', 'drop-oldest', 'drop-newest'] as const)[Math.floor(random() * 3)],
      ...(random() < 0.5 && { highWaterMark: Math.floor(10 ** (5 * random())) }),
    },
    retry: { backoff: { type: 'constant', base: 3 }, decide: () => 'retry' },
  })

  const accepted = new Map<number, Seen['kind']>()
  const dropped: number[] = []
  let number = 0
  let empty = 0
  let bytes = 0
  let replies = 0
  const send = ({ kind, size, how }: Sending): void => {
    const id = ++number
    const { data, spoil } = make(id, kind, size)
    try {
      socket.send(data, {
        ...(how === 'volatile' && { volatile: true }),
        ...(how === 'soon too old' && { maxAge: 5 }),
      })
      if (size === 0) empty++
      else accepted.set(id, kind === 'text' ? 'text' : 'binary')
      bytes += size
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_OUTBOX_FULL') throw error
    }
    spoil()
  }
  const respond = (): void => {
    if (replies >= REPLIES) return
    replies += reply.length
    reply.forEach(send)
  }
  // more than may wait, while the outbox is being emptied
  if (pressed) {
    const size = Math.floor(10 ** (3 + 1.5 * random()))
    const press = (): void => {
      if (replies >= REPLIES) return
      for (let i = 0; i < 30; i++, replies++) send({ kind: 'text', size, how: 'ordinary' })
    }
    socket.on('close', press)
    socket.on('open', press)
  }
  socket.on('drop', ({ data }) => dropped.push(numberOf(data)))
  socket.on('message', respond)
  ;(socket as Socket<never> as unknown as { on(type: 'ping', listener: () => void): void }).on(
    'ping',
    respond,
  )

  try {
    for (const step of steps) await act(step)
    weather = 'healthy'
    const last = await comeBack()
    socket.terminate()
    await socket.closed
    const given = await Promise.all(recordings.map((one) => one.messages()))
    const waiting = socket.outbox.list().map(numberOf)
    await place.stop()
    if (place.wrong.length > 0) throw new Wrong(String(place.wrong[0]))
    balance({ accepted, empty, dropped, waiting, given, received: place.received, last })
  } finally {
    socket.terminate()
    await place.stop()
  }
  return { messages: number, bytes, connections: recordings.length }

  async function act(step: Step): Promise<void> {
    if (step.do === 'send') step.burst.forEach(send)
    else if (step.do === 'wait') await new Promise((resolve) => setTimeout(resolve, step.ms))
    else if (step.do === 'block') for (const end = performance.now() + step.ms; performance.now() < end;);
    else if (step.do === 'ping') place.ping()
    else if (step.do === 'reconnect') socket.reconnect()
    else {
      socket[step.do]()
      socket.connect()
    }
  }

  /** With the faults gone, a message gets through at last. Returns its number. */
  function comeBack(): Promise<number> {
    socket.connect()
    socket.reconnect()
    return new Promise((resolve, reject) => {
      // a busy machine may send several before the first has come
      const markers = new Set<number>()
      let looks = 0
      let before = ''
      const mark = (): void => {
        const { state, outbox } = socket
        const now = [state, outbox.size, recordings.length, place.received.flat().length].join()
        looks = now === before ? looks + 1 : 0
        before = now
        if (looks > PATIENCE)
          return fail(new Stuck(`a healthy network leaves it in ${state}, ${outbox.size} waiting`))
        if (state !== 'open' || outbox.size > 0) return
        send({ kind: 'text', size: 20, how: 'ordinary' })
        markers.add(number)
      }
      const marking = setInterval(mark, 20)
      const fail = (error: Stuck): void => {
        clearInterval(marking)
        reject(error)
      }
      // whichever connection it came by: one that was given up may be the last to be accepted
      place.onReceived = ({ id }) => {
        if (!markers.has(id)) return
        clearInterval(marking)
        resolve(id)
      }
    })
  }
}
