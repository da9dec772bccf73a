/** One socket for all components below. */
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
  readonly url: Url
  readonly options?: UseSocketOptions<S, In, Out>
  readonly children?: ReactNode
}

/** Gives one socket, as `useReconnectingSocket(url, options)` does, to all components below. */
export function SocketProvider<S extends SocketLike = ReconnectingSocket, In = Sendable, Out = Data>({
  url,
  options,
  children,
}: SocketProviderProps<S, In, Out>): ReactNode {
  // what messages are is the codec's affair, and the compiler's
  const view = useReconnectingSocket<S>(url, options as UseSocketOptions<S> | undefined)
  return createElement(Socket.Provider, { value: view }, children)
}

/**
 * The socket and the snapshot of the nearest SocketProvider above. What its messages are cannot be seen from here:
 * `useSocket<ReconnectingSocket<Events, In, Out>>()` says it.
 * @throws InvalidArgumentError where there is none.
 */
export function useSocket<S extends SocketLike = ReconnectingSocket>(): SocketView<S> {
  const view = useContext(Socket)
  if (!view) throw new InvalidArgumentError('useSocket()', 'needs a SocketProvider above it')
  return view as SocketView<S>
}
