/** One socket for all components below. */
import { createContext, createElement, type ReactNode, useContext } from 'react'
import { InvalidArgumentError } from '../diagnostics/errors.js'
import type { SocketLike } from '../bindings/leases.js'
import type { Url } from '../bindings/options.js'
import type { ReconnectingSocket } from '../socket/socket.js'
import { type SocketView, useReconnectingSocket, type UseSocketOptions } from './socket.js'

const Socket = /* @__PURE__ */ createContext<SocketView<SocketLike> | undefined>(undefined)

/** Properties of `SocketProvider`. */
export interface SocketProviderProps<S extends SocketLike = ReconnectingSocket> {
  readonly url: Url
  readonly options?: UseSocketOptions<S>
  readonly children?: ReactNode
}

/** Gives one socket, as `useReconnectingSocket(url, options)` does, to all components below. */
export function SocketProvider<S extends SocketLike = ReconnectingSocket>({
  url,
  options,
  children,
}: SocketProviderProps<S>): ReactNode {
  return createElement(Socket.Provider, { value: useReconnectingSocket<S>(url, options) }, children)
}

/**
 * The socket and the snapshot of the nearest SocketProvider above.
 * @throws InvalidArgumentError where there is none.
 */
export function useSocket<S extends SocketLike = ReconnectingSocket>(): SocketView<S> {
  const view = useContext(Socket)
  if (!view) throw new InvalidArgumentError('useSocket()', 'needs a SocketProvider above it')
  return view as SocketView<S>
}
