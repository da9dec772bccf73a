/** Options of a component's socket, in addition to those of the socket itself. */
import { InvalidArgumentError } from '../diagnostics/errors.js'
import type { Data, Sendable } from '../delivery/payload.js'
import type { Codec } from '../options/codec.js'
import type { Endpoint, Options } from '../options/options.js'
import type { Provider } from '../options/provider.js'
import type { Events } from '../socket/events.js'
import { ReconnectingSocket } from '../socket/socket.js'

/** The type of the constructor's first argument. */
export type Url = Provider<Endpoint>

/** How the socket of a component is created, and its lifetime. */
export interface BindingOptions<S = ReconnectingSocket, In = Sendable, Out = Data> extends Omit<
  Options<In, Out>,
  'autoConnect'
> {
  /** Whether to connect. Default true; false closes the socket. */
  readonly enabled?: boolean | undefined
  /**
   * Shares one connection between components: `true` by URL, a string by that name. The options of the first component
   * apply, but if the URL of any changes, or none that is left has that of the connection, all get a new one. Default: not
   * shared.
   */
  readonly share?: boolean | string | undefined
  /** Creates the socket, which must be idle, instead of `new ReconnectingSocket(url, options)`. */
  readonly create?: ((url: Url, options: Options<In, Out>) => S) | undefined
}

/** The socket of a component whose message types are those of its `codec`. */
export type CodedSocket<In, Out> = ReconnectingSocket<Events, In, Out>

/** The socket type for given options. */
export interface Coded<In, Out> {
  readonly codec: Codec<In, Out>
}

/** Identifies a URL. A function is called for each attempt and counts as the same URL. */
export function identity(url: Url): string {
  return typeof url === 'function' ? '()' : [url].flat().map(String).join(' ')
}

/** The key for sharing. Throws InvalidArgumentError if there is none. */
export function shareKey(share: boolean | string | undefined, url: Url): string | undefined {
  if (share === undefined || share === false) return undefined
  if (share !== true) return `name ${share}`
  if (typeof url === 'function')
    throw new InvalidArgumentError('share', 'must be a name if the URL is a function')
  return `url ${identity(url)}`
}

/** Creates the idle socket of a component. */
export function createSocket<S>(url: Url, options: BindingOptions<S>): S {
  const { enabled: _enabled, share: _share, create, ...own } = options
  const settings: Options = { ...own, autoConnect: false }
  return create ? create(url, settings) : (new ReconnectingSocket(url, settings) as S)
}
