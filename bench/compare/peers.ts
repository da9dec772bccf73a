/** Those who are compared, each with its usual way to send and to listen, and its defaults. */
import { ReconnectingWebSocket as Rews } from '@nktkas/rews'
import { ReconnectingSocket, ReconnectingWebSocket } from 'everopen'
import PartySocket from 'partysocket/ws'
import ReconnectingPeer from 'reconnecting-websocket'
import { ArrayQueue, ConstantBackoff, WebsocketBuilder, WebsocketEvent } from 'websocket-ts'
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

export interface Peer {
  readonly name: string
  readonly create: (url: string, hears: Hears) => Client
  /** What it cannot do, and why. */
  readonly cannot: Readonly<Partial<Record<'reconnect' | 'queue' | 'buffered', string>>>
}

/** What most of them have in common. */
interface Standard {
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  readonly bufferedAmount: number
  send(data: string): void
  close(): void
}

function standard(make: (url: string) => unknown): Peer['create'] {
  return (url, hears) => {
    const socket = make(url) as Standard
    socket.onopen = () => hears.open()
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

export const peers: readonly Peer[] = [
  { name: 'ws, bare', create: standard((url) => new WebSocket(url)), cannot: once },
  ...(native
    ? [{ name: 'WebSocket of Node', create: standard((url) => new native(url)), cannot: once } satisfies Peer]
    : []),
  {
    name: 'everopen',
    create(url, hears) {
      const socket = new ReconnectingSocket(url, { outbox: { maxMessages: 200_000, maxBytes: 2 ** 30 } })
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
    create: standard(
      (url) => new ReconnectingWebSocket(url, [], { outbox: { maxMessages: 200_000, maxBytes: 2 ** 30 } }),
    ),
    cannot: {},
  },
  {
    name: 'reconnecting-websocket',
    create: standard((url) => new ReconnectingPeer(url, [], { WebSocket })),
    cannot: {},
  },
  { name: 'partysocket', create: standard((url) => new PartySocket(url, [], { WebSocket })), cannot: {} },
  {
    name: '@nktkas/rews',
    create: standard((url) => new Rews(url, { WebSocket: WebSocket as never })),
    cannot: {},
  },
  {
    name: 'websocket-ts',
    create(url, hears) {
      const socket = new WebsocketBuilder(url)
        .withBackoff(new ConstantBackoff(1_000))
        .withBuffer(new ArrayQueue())
        .build()
      socket.addEventListener(WebsocketEvent.open, () => hears.open())
      socket.addEventListener(WebsocketEvent.message, (_, { data }) => hears.message(data))
      socket.addEventListener(WebsocketEvent.close, () => hears.close())
      return {
        send: (data) => socket.send(data as string),
        buffered: () => socket.underlyingWebsocket?.bufferedAmount ?? 0,
        close: () => socket.close(),
      }
    },
    cannot: {},
  },
  {
    name: 'robust-websocket',
    create: standard((url) => new RobustWebSocket(url, null, { ignoreConnectivityEvents: true })),
    cannot: { queue: 'throws before it is open' },
  },
  {
    name: 'sturdy-websocket',
    create: standard((url) => new SturdyWebSocket(url, { wsConstructor: WebSocket as never })),
    cannot: {},
  },
  {
    name: '@anephenix/sarus',
    create(url, hears) {
      const sarus = new Sarus({
        url,
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
    cannot: {},
  },
]

/** Those who speak a protocol of their own: no row here can be the same for them. Their backoffs are in bench/fleet. */
export const others =
  'socket.io-client, @microsoft/signalr, graphql-ws, centrifuge and phoenix speak protocols of their own'
