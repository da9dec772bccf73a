/** Creates the underlying socket. If the first dial throws, the constructor throws, like the platform's class. */
import { platform } from '#platform'
import type { Endpoint, Options } from '../options/options.js'
import type { Provider } from '../options/provider.js'
import type { Platform } from '../platform/platform.js'
import { ReconnectingSocket } from '../socket/socket.js'

type PlatformSocket = new (
  url: Provider<Endpoint>,
  options: Options,
  platform: Platform,
) => ReconnectingSocket

/** The platform of all sockets, created with the first one. */
let shared: Platform | undefined
/** The exception of the last refused attempt. */
let refusal: { readonly error: unknown } | undefined

/** Throws what the platform throws synchronously, such as a SecurityError for `ws:` in an `https:` page. */
export function dial(url: Provider<Endpoint>, options: Options): ReconnectingSocket {
  shared ??= Object.create(platform, { dial: { value: dialNoting } }) as Platform
  refusal = undefined
  const socket = new (ReconnectingSocket as PlatformSocket)(url, options, shared)
  if (!refusal) return socket
  const { error } = refusal as { readonly error: unknown }
  socket.terminate()
  throw error
}

const dialNoting: Platform['dial'] = (...args) => {
  try {
    return platform.dial(...args)
  } catch (error) {
    refusal = { error }
    throw error
  }
}
