/** The ten laws, and the order of delivery, as they can be seen from outside at any moment. */
import type { Events } from '../../src/socket/events.js'
import type { ReconnectingSocket } from '../../src/socket/socket.js'
import type { VirtualClock } from './clock.js'
import type { Network } from './network.js'
import type { SocketState } from '../../src/diagnostics/log.js'

/** What a law is broken by. */
export class Broken extends Error {}

function holds(law: string, held: boolean, detail: () => string): void {
  if (!held) throw new Broken(`${law}: ${detail()}`)
}

/** Watches the events of one socket, and keeps the books of its messages. */
export class Laws {
  readonly log: string[] = []
  /** Messages by what became of them so far: accepted ones are somewhere; the others were refused. */
  readonly accepted = new Set<string>()
  readonly dropped = new Set<string>()
  readonly drained = new Set<string>()
  /** When those get too old that ever do, and which are never to wait. */
  readonly expires = new Map<string, number>()
  readonly volatile = new Set<string>()
  /** Messages of the server's that have been told, one way or the other. */
  heard = 0
  /** When it last began a run; what got too old before is told when somebody looks. */
  #began = 0
  /** What a connection held when it was last looked at: it may have got too old there. */
  #wire = new Set<string>()
  #state: SocketState
  #open: 'open' | 'not' = 'not'
  /** `error` and `close` events since the current attempt began. */
  #told = 0
  #attempt = 0
  #openedAt = 0
  #mayReset: 'may' | 'may not' = 'may'
  readonly #clock: VirtualClock
  readonly #stableAfter: number
  #last: keyof Events | 'none' = 'none'

  constructor(state: SocketState, clock: VirtualClock, stableAfter: number) {
    this.#state = state
    this.#clock = clock
    this.#stableAfter = stableAfter
  }

  hear<K extends keyof Events>(type: K, detail: Events[K], socket: ReconnectingSocket): void {
    this.log.push(
      type === 'state' ? `${(detail as Events['state']).from}→${(detail as Events['state']).to}` : type,
    )
    if (type === 'state') {
      const { from, to } = detail as Events['state']
      holds('state events follow each other', from === this.#state, () => `${from}→${to} in ${this.#state}`)
      holds('a listener finds the new state', socket.state === to, () => `${to} told in ${socket.state}`)
      this.#state = to
      if (from === 'idle' || from === 'closed') this.#began = this.#clock.now()
      const connected = from === 'open' || from === 'closing'
      const stable = connected && this.#clock.now() - this.#openedAt >= this.#stableAfter
      if (from === 'idle' || from === 'closed' || stable) this.#mayReset = 'may'
    } else if (type === 'open') {
      holds('law 3: open, then close, then open', this.#open === 'not', () => 'a second open')
      holds('state comes before open', this.#last === 'state', () => `after ${this.#last}`)
      this.#open = 'open'
      this.#openedAt = this.#clock.now()
    } else if (type === 'close') {
      holds('law 3: no close without an open', this.#open === 'open', () => 'a second close')
      const { willRetry, reason } = detail as Events['close']
      holds('law 10: no end from the past', reason !== 'late', () => reason)
      const expected = willRetry ? 'connecting' : 'closed'
      holds(
        'close tells what follows',
        socket.state === expected,
        () => `willRetry ${willRetry} in ${socket.state}`,
      )
      this.#open = 'not'
      this.#told++
    } else if (type === 'error') {
      this.#told++
      holds(
        'law 4: an error is an Error with a code',
        typeof (detail as Events['error'])?.code === 'string',
        () => String(detail),
      )
      const { code, cause, message } = detail as Error & { code?: string; cause?: Error }
      // more came than may be read ahead, where nothing can be paused
      const flooded = message.includes('the hello left more than')
      // where the connection ends, how it does is told, and not that the hello could not go on
      holds(
        "an error of the hello is the hello's own",
        code !== 'ERR_HELLO' ||
          flooded ||
          ['not welcome', 'a message cannot be decoded'].includes(cause!.message),
        () => String(cause?.message),
      )
      holds('law 4: an error is of an attempt that was not open', this.#open === 'not', () => 'while open')
    } else if (type === 'undecodable') {
      this.heard++
      const { data, error } = detail as Events['undecodable']
      holds('what cannot be decoded is told as it came', data === 'garbage', () => String(data))
      holds('and why', error?.code === 'ERR_CODEC', () => String(error))
    } else if (type === 'message') {
      this.heard++
      holds(
        'law 10: messages only while open',
        socket.state === 'open',
        () => `in ${socket.state}: ${String(detail)}`,
      )
      holds('law 10: nothing from the past', detail === 'hello', () => String(detail))
    } else if (type === 'drop') {
      const data = (detail as Events['drop']).data as string
      holds('law 8: one drop for a message', !this.dropped.has(data), () => data)
      const { reason } = detail as Events['drop']
      const timed = this.#state !== 'idle' && this.#state !== 'closed' && !this.#wire.has(data)
      if (reason === 'expired' && timed) {
        const due = Math.max(this.expires.get(data)!, this.#began)
        const late = this.#clock.now() - due
        holds('what gets too old is told when it does', late <= 1, () => `${data}: ${late} ms late`)
      }
      this.dropped.add(data)
    }
    if (type !== 'drop') this.#last = type
  }

  /** A server has said something, `before` which so many had been told. */
  said(before: number): void {
    holds('what comes is told, once', this.heard === before + 1, () => `${this.heard - before} times`)
  }

  /** A message was handed over: what the platform holds then. */
  sent(held: number, size: number, most: number): void {
    holds('no more is handed over than may wait', held <= Math.max(most, size), () => `${held} bytes`)
  }

  /** Called on each change of the snapshot. */
  watch({ snapshot }: ReconnectingSocket): void {
    const { phase, attempt, state } = snapshot
    if (phase === 'preparing') this.#told = 0
    if (phase === 'waiting')
      holds('law 4: an attempt ends with one event', this.#told === 1, () => `${this.#told}`)
    if (state === 'idle' || state === 'closed') return
    const kept = attempt >= this.#attempt || this.#mayReset === 'may'
    holds('only a stable connection resets the count', kept, () => `${this.#attempt}, then ${attempt}`)
    this.#attempt = attempt
    if (phase === 'waiting' || phase === 'preparing') this.#mayReset = 'may not'
  }

  /**
   * What must be so whenever nothing is under way.
   * @param drains Timers that are drains' at most.
   */
  check(
    socket: ReconnectingSocket,
    network: Network,
    clock: VirtualClock,
    timers: number,
    drains: number,
  ): void {
    const { state } = socket
    holds('the last state told is the state', state === this.#state, () => `${this.#state}, but ${state}`)
    holds('the hello goes first', network.unasked.length === 0, () => network.unasked.join())
    holds('law 1: one live connection', network.live.length <= 1, () => `${network.live.length}`)
    const open = state === 'open' || state === 'closing'
    // while an asynchronous decision is out, the close is owed
    const owed = socket.snapshot.phase === 'deciding' && this.#open === 'open'
    holds(
      'law 3: open means open',
      (this.#open === 'open') === (open || owed),
      () => `${this.#open} in ${state}`,
    )
    if (state === 'idle' || state === 'closed') {
      holds('law 6: no timer at rest', timers <= drains, () => `${timers} timers in ${state}`)
      holds('law 6: no connection at rest', network.live.length === 0, () => `in ${state}`)
    } else if (state !== 'open')
      holds('law 2: a deadline', timers > 0, () => `nothing runs in ${state} at ${clock.now()}`)
    if (state === 'open')
      holds('law 10: open is open', network.live[0]?.state !== 'connecting', () => 'while dialing')
    this.#checkMessages(socket, network)
  }

  #checkMessages(socket: ReconnectingSocket, network: Network): void {
    const received = network.received as string[]
    const order = received.map(Number)
    const jumbled = order.findIndex((id, i) => i > 0 && id <= (order[i - 1] as number))
    holds('delivered once and in order', jumbled < 0, () =>
      order.slice(jumbled - 1, jumbled + 1).join(' then '),
    )
    const waiting = socket.outbox.list() as string[]
    const lasting = waiting.find((id) => this.volatile.has(id))
    holds('volatile is now or never', lasting === undefined, () => `${lasting} waits`)
    const wire = network.live.flatMap((link) => link.unsent().map(({ data }) => data as string))
    this.#wire = new Set(wire)
    const gone = network.gone as string[]
    const places = [...received, ...gone, ...waiting, ...wire, ...this.dropped, ...this.drained]
    const known = new Set(places)
    holds('law 8: in one place only', known.size === places.length, () =>
      places.filter((id, i) => places.indexOf(id) !== i).join(),
    )
    for (const id of this.accepted)
      holds('law 8: none vanishes', known.has(id), () => `message ${id} is nowhere`)
  }
}
