/** The URL of a party, made of its parts. */

type Params = Readonly<Record<string, string | null | undefined>>

/** The parts of the URL of a party. */
export type PartyAddress = {
  /** Host and port. A leading scheme and a trailing slash are removed. */
  host: string
  /** The room. */
  room?: string
  /** The party of the room. Default `main`. */
  party?: string
  /** Replaces prefix, party and room. */
  basePath?: string
  /** Default `parties`. */
  prefix?: string
  /** The path after the room, without a leading slash. */
  path?: string
  /** Query parameters, or a function that returns them before every attempt. Those without a value are omitted. */
  query?: Params | (() => Params | Promise<Params>)
}

export interface Party {
  readonly host: string
  readonly name: string
  readonly path: string
  /** Without a query. */
  readonly url: string
  /** With it. */
  readonly full: string | (() => Promise<string>)
}

const local = /^(localhost:|127\.0\.0\.1:|192\.168\.|10\.|172\.(1[6-9]|2\d|3[01])\.|\[::ffff:7f00:1\]:)/

/**
 * @param scheme `ws` or `http`; of a host that is not in the local network the secure one of it.
 * @param params Parameters in front of the query.
 * @throws Error where the path begins with a slash.
 */
export function party(
  address: PartyAddress & { readonly protocol?: string },
  scheme: 'ws' | 'http',
  params: Record<string, string> = {},
): Party {
  const { room, party: name = 'main', basePath, prefix, query, path: rest } = address
  const host = address.host.replace(/^(https?|wss?):\/\//, '').replace(/\/$/, '')
  if (rest?.startsWith('/')) throw new Error('path must not start with a slash')
  const path = rest ? `/${rest}` : ''
  const protocol = address.protocol || (local.test(host) ? scheme : `${scheme}s`)
  const url = `${protocol}://${host}/${basePath || `${prefix || 'parties'}/${name}/${room}`}${path}`
  const complete = (more: Params = {}): string => {
    const given = Object.entries(more).filter(([, value]) => value !== null && value !== undefined)
    return `${url}?${new URLSearchParams([...Object.entries(params), ...(given as [string, string][])]).toString()}`
  }
  const full = typeof query === 'function' ? async () => complete(await query()) : complete(query)
  return { host, name, path, url, full }
}
