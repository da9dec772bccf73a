/** Those who are compared, each with its usual way to send and to listen, and its defaults. */
import { ReconnectingWebSocket as Rews } from '@nktkas/rews'
import { ReconnectingSocket, ReconnectingWebSocket, type Options } from 'everopen'
import PartySocket from 'partysocket/ws'
import ReconnectingPeer from 'reconnecting-websocket'
import { ArrayQueue, ConstantBackoff, RingQueue, WebsocketBuilder, WebsocketEvent } from 'websocket-ts'
import { WebSocket } from 'ws'
import { RobustWebSocket, Sarus, SturdyWebSocket } from './commonjs.js'

/** Node's own, where it has one. Before the others are loaded: some take what is global. */
const native: (new (url: string) => unknown) | undefined = globalThis.WebSocket
globalThis.WebSocket = WebSocket as unknown as typeof globalThis.WebSocket

export interface Hears {
  open(): void
  message(data: unknown): void
  close(): void
}

export interface Client {
  send(data: string | Uint8Array): void
  /** Bytes that were handed over and not yet written. */
  buffered(): number
  close(): void
}

/** What a row asks for beyond the defaults. */
export interface Wanted {
  /** How many messages may wait; the oldest or the newest goes, as the peer has it. */
  readonly limit?: number
  /** Milliseconds between pings. */
  readonly heartbeat?: number
}

type Ability = 'reconnect' | 'outage' | 'queue' | 'limit' | 'heartbeat'

export interface Peer {
  readonly name: string
  readonly create: (url: string, hears: Hears, wanted?: Wanted) => Client
  /** What it cannot do, and why. */
  readonly cannot: Readonly<Partial<Record<Ability, string>>>
}

/** What most of them have in common. */
interface Standard {
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  binaryType: string
  readonly bufferedAmount: number
  send(data: string): void
  close(): void
}

function standard(make: (url: string, wanted: Wanted) => unknown): Peer['create'] {
  return (url, hears, wanted = {}) => {
    const socket = make(url, wanted) as Standard
    socket.onopen = () => {
      // the same for all: a Blob costs many times as much. Only now: some do not pass it on to a later connection
      socket.binaryType = 'arraybuffer'
      hears.open()
    }
    socket.onmessage = ({ data }: { readonly data: unknown }) => hears.message(data)
    socket.onclose = () => hears.close()
    socket.onerror = () => {}
    return {
      send: (data) => socket.send(data as string),
      buffered: () => socket.bufferedAmount,
      close: () => socket.close(),
    }
  }
}

const once = { reconnect: 'dials once', queue: 'throws before it is open' } as const
const deaf = { heartbeat: 'has no heartbeat' } as const
const unbounded = { ...deaf, limit: 'its queue has no limit' } as const

/** What the README of `ws` has its users write. */
function beating(url: string, { heartbeat }: Wanted): WebSocket {
  const socket = new WebSocket(url)
  if (heartbeat === undefined) return socket
  let alive = true
  socket.on('pong', () => (alive = true))
  const timer = setInterval(() => {
    if (!alive) return socket.terminate()
    alive = false
    socket.ping()
  }, heartbeat)
  return socket.on('close', () => clearInterval(timer))
}

/** The options of ours, for either face. */
function ours({ limit, heartbeat }: Wanted): Options {
  return {
    outbox: { maxMessages: limit ?? 200_000, maxBytes: 2 ** 30, ...(limit && { overflow: 'drop-oldest' }) },
    ...(heartbeat && { heartbeat: { interval: heartbeat } }),
  }
}

/** Those of reconnecting-websocket, and of partysocket, which has them from there. */
const theirs = ({ limit }: Wanted): object => ({ WebSocket, ...(limit && { maxEnqueuedMessages: limit }) })

export const peers: readonly Peer[] = [
  { name: 'ws, bare', create: standard(beating), cannot: once },
  ...(native
    ? [
        {
          name: 'WebSocket of Node',
          create: standard((url) => new native(url)),
          cannot: { ...once, ...deaf },
        } satisfies Peer,
      ]
    : []),
  {
    name: 'everopen',
    create(url, hears, wanted = {}) {
      const socket = new ReconnectingSocket(url, ours(wanted))
      socket.on('open', () => hears.open())
      socket.on('message', (data) => hears.message(data))
      socket.on('close', () => hears.close())
      return {
        send: (data) => void socket.send(data),
        buffered: () => socket.bufferedAmount,
        close: () => socket.close(),
      }
    },
    cannot: {},
  },
  {
    name: 'everopen, as a WebSocket',
    create: standard((url, wanted) => new ReconnectingWebSocket(url, [], ours(wanted))),
    cannot: {},
  },
  {
    name: 'reconnecting-websocket',
    create: standard((url, wanted) => new ReconnectingPeer(url, [], theirs(wanted))),
    cannot: deaf,
  },
  {
    name: 'partysocket',
    create: standard((url, wanted) => new PartySocket(url, [], theirs(wanted))),
    cannot: deaf,
  },
  {
    name: '@nktkas/rews',
    create: standard((url) => new Rews(url, { WebSocket: WebSocket as never })),
    cannot: { ...unbounded, outage: 'gives up after three retries' },
  },
  {
    name: 'websocket-ts',
    create(url, hears, { limit } = {}) {
      const socket = new WebsocketBuilder(url)
        .withBackoff(new ConstantBackoff(1_000))
        .withBuffer(limit === undefined ? new ArrayQueue() : new RingQueue(limit))
        .build()
      socket.binaryType = 'arraybuffer'
      socket.addEventListener(WebsocketEvent.open, () => hears.open())
      socket.addEventListener(WebsocketEvent.message, (_, { data }) => hears.message(data))
      socket.addEventListener(WebsocketEvent.close, () => hears.close())
      return {
        send: (data) => socket.send(data as string),
        buffered: () => socket.underlyingWebsocket?.bufferedAmount ?? 0,
        close: () => socket.close(),
      }
    },
    cannot: deaf,
  },
  {
    name: 'robust-websocket',
    create: standard((url) => new RobustWebSocket(url, null, { ignoreConnectivityEvents: true })),
    cannot: { ...deaf, queue: 'throws before it is open', outage: 'gives up after three retries' },
  },
  {
    name: 'sturdy-websocket',
    create: standard((url) => new SturdyWebSocket(url, { wsConstructor: WebSocket as never })),
    cannot: unbounded,
  },
  {
    name: '@anephenix/sarus',
    create(url, hears) {
      const sarus = new Sarus({
        url,
        binaryType: 'arraybuffer',
        eventListeners: {
          open: [() => hears.open()],
          message: [(event) => hears.message((event as { data: unknown }).data)],
          close: [() => hears.close()],
          error: [() => {}],
        },
      })
      return {
        send: (data) => sarus.send(data),
        buffered: () => sarus.ws?.bufferedAmount ?? 0,
        close: () => sarus.disconnect(),
      }
    },
    cannot: unbounded,
  },
]

/** Those who speak a protocol of their own: no row here can be the same for them. Their backoffs are in bench/fleet. */
export const others =
  'socket.io-client, @microsoft/signalr, graphql-ws, centrifuge and phoenix speak protocols of their own'
