/** The class `PartySocket` of the package partysocket: a WebSocket with a URL made of host, party and room. */
import type { Options, ProtocolsProvider } from '../reconnecting-websocket/options.js'
import { party, type PartyAddress } from './address.js'
import { WebSocket } from './websocket.js'

/** Options of a PartySocket, including those of its connection. */
export type PartySocketOptions = Options &
  PartyAddress & {
    /** The id of this client, sent as `_pk`. Default: a random one. */
    id?: string
    protocol?: 'ws' | 'wss'
    /** Subprotocols to offer, or a function that returns them. */
    protocols?: ProtocolsProvider
    /** Whether to suppress the warning about a slash in the name of a party or a room. Default false. */
    disableNameValidation?: boolean
  }

/** Options of `PartySocket.fetch()`. */
export type PartyFetchOptions = PartyAddress & {
  room: string
  protocol?: 'http' | 'https'
  /** Replaces the global `fetch`. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the fetch of whatever library
  fetch?: (url: string, init?: any) => Promise<any>
}

/** A WebSocket to a room of a PartyKit server, as in the package partysocket. */
export class PartySocket extends WebSocket {
  _pk!: string
  _pkurl!: string
  name!: string
  room?: string | undefined
  host!: string
  path!: string
  basePath?: string | undefined

  /** @throws Error without `room` and `basePath`, unless it starts closed. */
  constructor(readonly partySocketOptions: PartySocketOptions) {
    const { startClosed, room, basePath, disableNameValidation, party: name } = partySocketOptions
    if (!startClosed && !room && !basePath)
      throw new Error('Either room or basePath must be provided to connect; or set startClosed: true')
    const parts = split(partySocketOptions)
    super(parts.party.full, partySocketOptions.protocols, partySocketOptions)
    this.#take(parts)
    if (disableNameValidation) return
    for (const [what, value] of Object.entries({ party: name, room }))
      if (value?.includes('/'))
        console.warn(
          `PartySocket: the ${what} name "${value}" contains forward slash, which is a part of the path`,
        )
  }

  get id(): string {
    return this._pk
  }

  /** The URL of the room without the query; see `url` for the current one. */
  get roomUrl(): string {
    return this._pkurl
  }

  /** Changes the address, and the options, for the next attempt, such as that of `reconnect()`. */
  updateProperties(changes: Partial<PartySocketOptions>): void {
    const parts = split({
      ...this.partySocketOptions,
      ...changes,
      host: changes.host ?? this.host,
      room: changes.room ?? this.room,
      path: changes.path ?? this.path.slice(1),
      basePath: changes.basePath ?? this.basePath,
    } as PartySocketOptions)
    this._url = parts.party.full
    this._protocols = parts.options.protocols
    this._options = parts.options
    this.#take(parts)
  }

  /** @throws Error without a host, or without room and basePath. */
  override reconnect(code?: number, reason?: string): void {
    const set =
      'must be set before connecting, use `updateProperties` method to set it or pass it to the constructor.'
    if (!this.host) throw new Error(`The host ${set}`)
    if (!this.room && !this.basePath) throw new Error(`The room (or basePath) ${set}`)
    super.reconnect(code, reason)
  }

  #take({ id, party: { url, name, host, path }, options }: ReturnType<typeof split>): void {
    const { room, basePath } = options
    Object.assign(this, { _pk: id, _pkurl: url, name, room, host, path, basePath })
  }

  /** Calls `fetch` with the URL that a PartySocket with these options has. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- names no library's Response
  static async fetch(options: PartyFetchOptions, init?: object): Promise<any> {
    const { full } = party(options, 'http')
    const { fetch = globalThis.fetch as NonNullable<PartyFetchOptions['fetch']> } = options

    return fetch(typeof full === 'string' ? full : await full(), init)
  }
}

function split(options: PartySocketOptions) {
  const id = options.id || randomId()
  return { id, party: party(options, 'ws', { _pk: id }), options }
}

/** A UUID; on a page that is not secure, where there is no `randomUUID`, as good as `Math.random` makes it. */
function randomId(): string {
  const { crypto } = globalThis as { crypto?: { randomUUID?: () => string } }
  if (crypto?.randomUUID) return crypto.randomUUID()
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (c) =>
    (c === 'x' ? Math.floor(Math.random() * 16) : 8 + Math.floor(Math.random() * 4)).toString(16),
  )
}
