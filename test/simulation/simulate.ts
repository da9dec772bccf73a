/** Runs one script: the real socket over a simulated world, every law checked after every step. */
import type { Events } from '../../src/socket/events.js'
import type { HelloExchange } from '../../src/options/hello.js'
import type { Options } from '../../src/options/options.js'
import type { Platform } from '../../src/platform/platform.js'
import type { ReconnectingSocket as Socket } from '../../src/socket/socket.js'
import { seeded, VirtualClock } from './clock.js'
import { Drains } from './drains.js'
import { Broken, Laws } from './laws.js'
import { type Links, Network } from './network.js'
import type { Call, Command, Script } from './script.js'
import type { Hint } from '../../src/machine/state.js'
import type { Provider } from '../../src/options/provider.js'
import type { Data, Sendable } from '../../src/delivery/payload.js'

export type SocketClass = new (
  url: Provider<string | string[]>,
  options: Options,
  platform: Platform,
) => Socket

/** What is simulated: subject.ts, or a copy of it with a bug. */
export interface Subject extends Links {
  readonly ReconnectingSocket: SocketClass
}

/** How long a silent peer may hold up a `reconnect()`, in ms. */
const MOMENT = 200

/** Thrown by listeners on purpose; anything else that surfaces is a finding. */
const onPurpose = new Error('on purpose')

export interface Result {
  readonly steps: number
  readonly virtualMs: number
}

const drainMicrotasks = async (): Promise<void> => {
  for (let i = 0; i < 12; i++) await Promise.resolve()
}

/** Streams go on in the ticks of Node's own queue, which comes after all promises; a dial takes the stream a turn later. */
const drainTicks = async (): Promise<void> => {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
}

function urlOf(kind: Script['url']): Provider<string | string[]> {
  const never = new Promise<string>(() => {})
  const kinds: Record<Script['url'], Provider<string | string[]>> = {
    string: 'ws://a.test/',
    array: ['ws://a.test/', 'ws://b.test/', 'ws://c.test/'],
    sync: () => 'ws://a.test/',
    async: () => Promise.resolve('ws://a.test/'),
    throw: ({ number }) => {
      if (number % 2 === 0) throw new Error('no token')
      return 'ws://a.test/'
    },
    reject: ({ number }) => (number % 2 === 0 ? Promise.reject(new Error('no token')) : 'ws://a.test/'),
    never: ({ number }) => (number % 2 === 0 ? never : 'ws://a.test/'),
  }
  return kinds[kind]
}

function decideOf(kind: Script['decide']): Exclude<Options['retry'], boolean | undefined>['decide'] {
  if (kind === 'sync')
    return (end, attempt) => (end.code === 4321 ? 'stop' : attempt % 3 === 0 ? 10 : undefined)
  if (kind === 'async') return (end) => Promise.resolve(end.code === 4321 ? 'stop' : 'retry')
  if (kind === 'throw')
    return () => {
      throw onPurpose
    }
  if (kind === 'reject') return () => Promise.reject(onPurpose)
  return kind === 'never' ? () => new Promise(() => {}) : undefined
}

const strict: Options['codec'] = {
  encode: (message: Sendable) => message,
  decode(data: Data) {
    if (data === 'garbage') throw onPurpose
    return data
  },
}

const greets = (kind: Script['hello']): boolean => kind === 'exchange' || kind === 'late' || kind === 'slow'

function helloOf(kind: Script['hello'], clock: VirtualClock): Options['hello'] {
  const exchange = async ({ send, receive }: HelloExchange<Sendable, Data>): Promise<void> => {
    send('hi')
    // the server may speak of other things first
    while ((await receive()) !== 'welcome');
  }
  if (kind === 'none') return undefined
  if (kind === 'silent') return () => {}
  if (kind === 'exchange') return exchange
  if (kind === 'slow')
    return async (given) => {
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 100))
      await exchange(given)
    }
  if (kind === 'late')
    return async (given) => {
      await exchange(given)
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 100))
    }
  if (kind === 'throw')
    return ({ attempt }) => {
      if (attempt % 2 === 0) throw new Error('not welcome')
    }
  return () => new Promise(() => {})
}

export async function simulate(
  { ReconnectingSocket, ...real }: Subject,
  { seed, options, decide, url, hello, codec, farewell, link: kind, commands }: Script,
): Promise<Result> {
  const clock = new VirtualClock()
  const random = seeded(seed)
  const network = new Network(
    { clock, random, window: seeded(seed + 1) },
    greets(hello) ? 'hi' : undefined,
    kind,
    real,
  )
  const timers = new Set<unknown>()
  let tellHint: ((hint: Hint) => void) | undefined
  const platform: Platform = {
    clock: {
      now: () => clock.now(),
      date: () => clock.date(),
      setTimeout(callback, ms) {
        const timer: unknown = clock.setTimeout(() => {
          timers.delete(timer)
          callback()
        }, ms)
        timers.add(timer)
        return timer
      },
      clearTimeout(timer) {
        timers.delete(timer)
        clock.clearTimeout(timer)
      },
    },
    random,
    hints(tell) {
      tellHint = tell
      return () => (tellHint = undefined)
    },
    dial: (target, dialOptions, listener) => network.dial(target, dialOptions, listener),
  }
  const controller = new AbortController()
  const decision = decideOf(decide)
  const socket = new ReconnectingSocket(
    urlOf(url),
    {
      ...options,
      // such a class has no pings of the protocol
      ...(kind === 'whatwg' &&
        typeof options.heartbeat === 'object' && {
          heartbeat: { ...options.heartbeat, message: 'ping', isReply: (data: unknown) => data === 'pong' },
        }),
      hello: helloOf(hello, clock),
      codec: codec === 'none' ? undefined : strict,
      signal: controller.signal,
      ...(options.retry && { retry: { ...options.retry, ...(decision && { decide: decision }) } }),
    },
    platform,
  )

  // from the constructor on, as nobody could hear of the first dial
  const laws = new Laws(socket.state, clock, options.retry ? options.retry.stableAfter : 0)
  const surfaced: unknown[] = []
  const drains = new Drains(socket, clock, (error) => surfaced.push(error))
  network.garbles = codec === 'none' ? 'never' : 'sometimes'
  network.speak = (say, link) => {
    const before = laws.heard
    const open = link.held && socket.state === 'open'
    say()
    if (open) laws.said(before)
  }
  const uninstall = catchReports(surfaced)
  const armed: { event: string; call: Call }[] = []
  let sent = 0
  let steps = 0
  /** When a dial began to wait for the closing handshake. */
  let replacing = Infinity
  let iterator: AsyncIterator<unknown> | undefined

  const send = (extra?: { maxAge: number; volatile: boolean }): void => {
    const id = String(++sent).padStart(6, '0')
    drains.sent()
    const age = extra?.maxAge ?? (options.outbox && options.outbox.maxAge) ?? Infinity
    if (age !== Infinity) laws.expires.set(id, clock.now() + Number(age))
    if (extra?.volatile) laws.volatile.add(id)
    try {
      const outcome = extra ? socket.send(id, extra) : socket.send(id)
      if (outcome === 'sent' && options.outbox && !extra?.volatile)
        laws.sent(network.live[0]!.bufferedAmount, id.length, Number(options.outbox.maxBytes ?? Infinity))
      if (options.outbox !== false || outcome === 'sent') laws.accepted.add(id)
    } catch (error) {
      const { code } = error as { code?: string }
      if (code !== 'ERR_OUTBOX_FULL' && code !== 'ERR_NOT_OPEN') throw error
    }
  }

  const act = (call: Call): void => {
    if (call === 'throw') throw onPurpose
    if (call === 'send') send()
    else if (call === 'drain') for (const data of socket.outbox.drain()) laws.drained.add(data as string)
    else if (controller.signal.aborted && (call === 'connect' || call === 'reconnect')) return
    else {
      drains.overrule()
      socket[call]()
      if (call === 'reconnect' && socket.state === 'closing') replacing = Math.min(replacing, clock.now())
    }
  }
  const fire = (event: string): void => {
    const index = armed.findIndex((one) => one.event === event)
    const [one] = index < 0 ? [] : armed.splice(index, 1)
    if (one) act(one.call)
  }
  const names = ['open', 'message', 'undecodable', 'close', 'error', 'state', 'drop', 'heartbeat'] as const
  for (const name of names) {
    socket.on(name, (detail: Events[typeof name]) => laws.hear(name, detail as never, socket))
    socket.on(name, () => fire(name))
  }
  socket.on('state', ({ from }) => {
    if (from === 'closing') replacing = Infinity
  })
  socket.on('*', () => fire('*'))
  if (greets(hello))
    socket.on('open', () => {
      if (network.live[0]?.welcomed !== 'welcomed') throw new Broken('open before the hello is done')
    })
  socket.subscribe(() => laws.watch(socket))
  socket.subscribe(() => fire('watch'))

  const settle = kind === 'net' ? drainTicks : drainMicrotasks
  const check = async (): Promise<void> => {
    await settle()
    steps++
    const unexpected = surfaced.find((error) => error !== onPurpose)
    if (unexpected)
      throw unexpected instanceof Broken
        ? unexpected
        : new Broken(`law 9: ${String((unexpected as Error)?.stack)}`)
    // with nothing to wait in, what a connection took goes down with it
    if (options.outbox === false) laws.accepted.clear()
    drains.check()
    // longer only while the system takes what was sent before, of which this link says nothing
    if (kind === 'simulated' && clock.now() > replacing + MOMENT)
      throw new Broken(`reconnect() waits for a silent peer since ${replacing}, at ${clock.now()}`)
    laws.check(socket, network, clock, timers.size, drains.timers)
  }
  const run = (command: Command): Promise<void> | void => {
    if (command.do === 'wait') return clock.advance(command.ms, check)
    if (command.do === 'hint') return tellHint?.(command.hint)
    if (command.do === 'arm') return void armed.push(command)
    if (command.do === 'abort') {
      // once only, and at rest nobody listens
      if (!controller.signal.aborted && socket.state !== 'closed') drains.overrule()
      return controller.abort()
    }
    if (command.do === 'drained') return drains.drain(command.ms)
    if (command.do === 'close drained') return drains.close(command.ms)
    if (command.do === 'iterate') return void (iterator ??= socket[Symbol.asyncIterator]())
    if (command.do === 'consume') return void iterator?.next().catch(() => {})
    if (command.do === 'send' && 'maxAge' in command)
      return send({ maxAge: command.maxAge, volatile: command.volatile })
    try {
      act(command.do as Call)
    } catch (error) {
      if (error !== onPurpose) throw error
    }
  }

  try {
    await check()
    for (const command of commands) {
      await run(command)
      await check()
    }
    await finish()
  } finally {
    // what it set off before a law was broken is reported here too
    await drainMicrotasks()
    uninstall()
  }
  return { steps, virtualMs: clock.now() }

  /** In the end: a healed network brings it back, close() ends it in time, and nothing is left. */
  async function finish(): Promise<void> {
    armed.length = 0
    network.healthy = 'healthy'
    const dialed = network.links.length
    await iterator?.return?.()
    // a suspended page waits for it
    tellHint?.('wake')
    if (
      !controller.signal.aborted &&
      options.retry &&
      socket.state === 'connecting' &&
      !drains.closing &&
      url !== 'never' &&
      hello !== 'never'
    ) {
      const limited = 'limit' in options.retry || 'maxElapsed' in options.retry || decide !== 'none'
      await clock.advance(120_000, check)
      // on a connection from before, a server may still have closed with a code that is final
      const refused = network.links.length === dialed && socket.snapshot.lastEnd?.by === 'peer'
      if (!limited && !refused && (socket.state as string) !== 'open')
        throw new Broken(`a healed network leaves it in ${socket.state}`)
    }
    let resolved = 0
    void socket.closed.then(() => resolved++)
    drains.close(farewell)
    await clock.advance(farewell + (options.closeTimeout ?? 0), check)
    await check()
    if ((socket.state as string) !== 'closed') throw new Broken(`law 5: close() leaves it in ${socket.state}`)
    if (resolved !== 1) throw new Broken(`law 5: closed resolved ${resolved} times`)
    await clock.advance(100_000, check)
    if (tellHint) throw new Broken('law 6: still listening to hints')
  }
}

/** Takes the place of the platform's report of uncaught listener errors. */
function catchReports(into: unknown[]): () => void {
  const scope = globalThis as { reportError?: (error: unknown) => void }
  const before = scope.reportError
  scope.reportError = (error) => into.push(error)
  return () => {
    // what a broken law has left half done may still report
    scope.reportError = before ?? (() => {})
  }
}
