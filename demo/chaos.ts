/** What a page may do to its side of the server: the commands, and how they are read. Nothing from the network is trusted. */

/** The sockets of a page that are compared, by the names that the server knows them by. */
export const contenders = ['everopen', 'websocket', 'reconnecting', 'partysocket', 'session'] as const
export type Contender = (typeof contenders)[number]

/** The proxies before the server. */
export const endpoints = ['a', 'b'] as const
export type EndpointName = (typeof endpoints)[number]

/** How a handshake is refused: by a status, or by no answer at all. */
export const refusals = ['503', '401', 'silence'] as const
export type Refusal = (typeof refusals)[number]

export type Command =
  /** A Close frame; without a code it is empty. */
  | { readonly type: 'close'; readonly code: number | undefined; readonly reason: string }
  /** TCP reset, TCP FIN, or a connection on which nothing passes any more; `flow` lets it pass again. */
  | { readonly type: 'rst' | 'fin' | 'stall' | 'flow' }
  /** The next `times` handshakes of each socket. */
  | { readonly type: 'refuse'; readonly answer: Refusal; readonly times: number }
  /** Nobody listens for so long. */
  | { readonly type: 'restart'; readonly ms: number }
  | { readonly type: 'slow'; readonly delay: number; readonly rate: number }
  /** Each connection is accepted and closed at once. */
  | { readonly type: 'loop'; readonly on: boolean }
  | { readonly type: 'endpoint'; readonly name: EndpointName; readonly up: boolean }
  /** Everything back to normal. */
  | { readonly type: 'calm' }

/** What the server sees, as the page is told. */
export interface LabReport {
  readonly endpoints: Readonly<Record<EndpointName, boolean>>
  readonly slow: { readonly delay: number; readonly rate: number }
  readonly loop: boolean
  /** Handshakes of everopen's socket that are still to be refused. */
  readonly refusing: number
  /** Connections that are silent. */
  readonly stalled: number
  readonly clients: Readonly<Record<Contender, ClientReport>>
}

/** What the server has seen of one socket. Its messages are numbered from 1, so that gaps can be told. */
export interface ClientReport {
  readonly dials: number
  readonly opens: number
  /** Different messages that arrived. */
  readonly received: number
  readonly duplicates: number
  /** The highest number that arrived. */
  readonly latest: number
}

function whole(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
}

/** Reads a command; nothing where it is none. */
export function readCommand(text: string): Command | undefined {
  let given: Record<string, unknown>
  try {
    given = Object(JSON.parse(text)) as Record<string, unknown>
  } catch {
    return undefined
  }
  switch (given.type) {
    case 'rst':
    case 'fin':
    case 'stall':
    case 'flow':
    case 'calm':
      return { type: given.type }
    case 'close': {
      const { code, reason = '' } = given
      if (code !== undefined && !whole(code, 0, 65_535)) return undefined
      if (typeof reason !== 'string' || new TextEncoder().encode(reason).length > 123) return undefined
      return { type: 'close', code, reason }
    }
    case 'refuse': {
      const answer = refusals.find((name) => name === given.answer)
      return answer && whole(given.times, 1, 50) ? { type: 'refuse', answer, times: given.times } : undefined
    }
    case 'restart':
      return whole(given.ms, 0, 120_000) ? { type: 'restart', ms: given.ms } : undefined
    case 'slow':
      return whole(given.delay, 0, 30_000) && whole(given.rate, 0, 1e9)
        ? { type: 'slow', delay: given.delay, rate: given.rate }
        : undefined
    case 'loop':
      return typeof given.on === 'boolean' ? { type: 'loop', on: given.on } : undefined
    case 'endpoint': {
      const name = endpoints.find((name) => name === given.name)
      return name && typeof given.up === 'boolean' ? { type: 'endpoint', name, up: given.up } : undefined
    }
    default:
      return undefined
  }
}
