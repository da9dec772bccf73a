/** A world of one client, a few server nodes and their store, as plain data: it can be copied, compared and replayed. */
import type * as clientSide from '../../../src/session/protocol/client.js'
import type { ClientState } from '../../../src/session/protocol/client.js'
import type * as judgement from '../../../src/session/protocol/judge.js'
import type * as serverSide from '../../../src/session/protocol/server.js'
import type { ServerState } from '../../../src/session/protocol/server.js'
import type * as wire from '../../../src/session/protocol/wire.js'
import type { SessionName } from '../../../src/session/protocol/wire.js'

/** What is tested: the protocol as it is, or with a bug planted. */
export type Protocol = Pick<typeof clientSide, 'clientState' | 'clientTransition'> &
  Pick<typeof judgement, 'judge'> &
  Pick<typeof serverSide, 'serverState' | 'serverTransition'> &
  Pick<typeof wire, 'isControl' | 'escape' | 'unescape' | 'encode' | 'decode'>

/** What the world is like. */
export interface Setting {
  /** Whether the client's store survives the client. */
  readonly durable: boolean
  /** Bytes that may be unacknowledged, one for each node: nodes are not all configured alike. */
  readonly windows: readonly number[]
  /** Whether the store checks epochs. Only to see that it matters. */
  readonly fencing: boolean
}

export interface Message {
  readonly text: string
  readonly size: number
}

/** A write that the client's store has yet to do. */
export type Write = { readonly generation: number } & (
  | { readonly type: 'append'; readonly number: number; readonly message: Message }
  | { readonly type: 'received'; readonly number: number; readonly at: number }
  | { readonly type: 'forget'; readonly number: number }
  | { readonly type: 'name'; readonly session: SessionName }
  | { readonly type: 'clear'; readonly log: number }
)

export interface ClientDisk {
  session: SessionName | undefined
  received: number
  acked: number
  held: Message[]
  /** Which of the logs its messages are of. */
  log: number
}

export interface Client {
  state: ClientState
  /** Own messages from `outgoing.acked` on, and where they begin. */
  held: Message[]
  ackedAt: number
  /** Last number given to the application, in this process. */
  given: number
  writes: Write[]
  disk: ClientDisk
  connection: number | undefined
  timer: boolean
  /** Which of the logs holds what its application sends. */
  log: number
  /** Messages so far: each has a text of its own. */
  count: number
}

export interface Connection {
  readonly node: number
  /** Not yet arrived. A number is the code of a Close frame. */
  up: string[]
  down: (string | number)[]
  client: 'open' | 'ended'
  server: 'open' | 'ended'
}

/** A session in the hands of a node: rightly so as long as the epochs agree. */
export interface Owned {
  state: ServerState
  epoch: number
  connection: number | undefined
  timer: boolean
  /** Last number given to the application. */
  given: number
  /** Given, and not yet noted in the store. */
  pending: { number: number; at: number; size: number }[]
}

export interface Node {
  owned: Record<string, Owned>
}

/** A session in the store, with what the laws need beside. */
export interface Stored {
  readonly token: string
  readonly identity: string
  exists: boolean
  epoch: number
  taken: number
  acked: number
  down: Message[]
  /** What its client sent; unknown until the client knows the session. */
  log: number | undefined
}

export interface WorldData {
  client: Client
  connections: Connection[]
  nodes: Node[]
  sessions: Record<string, Stored>
  logs: string[][]
  /** Bytes of the largest message so far: a window may be overdrawn by one. */
  largest: number
}

export type Action =
  | { readonly do: 'connect'; readonly node: number }
  | { readonly do: 'send' | 'receive' | 'lose' | 'store' | 'flush' | 'crash' | 'leave' }
  | { readonly do: 'server-receive' | 'server-lose'; readonly connection: number }
  | {
      readonly do: 'commit' | 'notify' | 'server-flush' | 'expire' | 'end'
      readonly node: number
      readonly id: string
    }
  | { readonly do: 'append' | 'vanish'; readonly id: string }
  | { readonly do: 'node-crash'; readonly node: number }
