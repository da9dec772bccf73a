/** One socket for all descendants of a provider. */
import { createContext, createElement, type ReactNode, useContext } from 'react'
import { InvalidArgumentError } from '../diagnostics/errors.js'
import type { SocketLike } from '../bindings/leases.js'
import type { Url } from '../bindings/options.js'
import type { Data, Sendable } from '../delivery/payload.js'
import type { ReconnectingSocket } from '../socket/socket.js'
import { type SocketView, useReconnectingSocket, type UseSocketOptions } from './socket.js'

const Socket = /* @__PURE__ */ createContext<SocketView<SocketLike> | undefined>(undefined)

/** Properties of `SocketProvider`. */
export interface SocketProviderProps<S extends SocketLike = ReconnectingSocket, In = Sendable, Out = Data> {
  /** The URL, as for `useReconnectingSocket()`. */
  readonly url: Url
  /** The options, as for `useReconnectingSocket()`. */
  readonly options?: UseSocketOptions<S, In, Out>
  /** The components that can use the socket. */
  readonly children?: ReactNode
}

/** Provides one socket, like `useReconnectingSocket(url, options)`, to all descendants. */
export function SocketProvider<S extends SocketLike = ReconnectingSocket, In = Sendable, Out = Data>({
  url,
  options,
  children,
}: SocketProviderProps<S, In, Out>): ReactNode {
  // the codec and the compiler determine the message types
  const view = useReconnectingSocket<S>(url, options as UseSocketOptions<S> | undefined)
  return createElement(Socket.Provider, { value: view }, children)
}

/**
 * Returns the socket and snapshot of the nearest SocketProvider. It cannot know the types of messages; specify them with
 * `useSocket<ReconnectingSocket<Events, In, Out>>()`.
 * @throws InvalidArgumentError without a SocketProvider.
 */
export function useSocket<S extends SocketLike = ReconnectingSocket>(): SocketView<S> {
  const view = useContext(Socket)
  if (!view) throw new InvalidArgumentError('useSocket()', 'needs a SocketProvider above it')
  return view as SocketView<S>
}
