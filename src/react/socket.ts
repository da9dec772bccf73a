/** The hook that returns a socket and its snapshot. */
import { useInsertionEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import { asking, offer } from '../bindings/asked.js'
import { type Leases, pageLeases, type SocketLike } from '../bindings/leases.js'
import {
  type BindingOptions,
  type Coded,
  type CodedSocket,
  createSocket,
  identity,
  shareKey,
  type Url,
} from '../bindings/options.js'
import { type View, Watch } from '../bindings/view.js'
import type { Data, Sendable } from '../delivery/payload.js'
import type { ReconnectingSocket } from '../socket/socket.js'
import { useKept } from './kept.js'

/** Options of `useReconnectingSocket()`. */
export type UseSocketOptions<S = ReconnectingSocket, In = Sendable, Out = Data> = BindingOptions<S, In, Out>

/** A socket with its snapshot; a new object only when something changes. */
export type SocketView<S extends SocketLike = ReconnectingSocket> = View<S>

/**
 * Returns a socket with the lifetime of the component: it connects when the component mounts and closes when it unmounts.
 * Rendering alone does not connect, neither on a server nor in a discarded tree.
 * @param url One endpoint, several, or a function. A different URL creates a new socket. A function may change on every
 * render; the latest one, of all components that share the socket, is called before every attempt.
 * @param options Read when the socket is created, except `enabled`, which may change at any time. A `codec` determines the
 * types of messages.
 * @throws InvalidArgumentError, which names the invalid option.
 */
export function useReconnectingSocket<In, Out>(
  url: Url,
  options: UseSocketOptions<CodedSocket<In, Out>, In, Out> & Coded<In, Out>,
): SocketView<CodedSocket<In, Out>>
/** The same without a `codec`, or with the result of `create`. */
export function useReconnectingSocket<S extends SocketLike = ReconnectingSocket>(
  url: Url,
  options?: UseSocketOptions<S>,
): SocketView<S>
export function useReconnectingSocket<S extends SocketLike>(
  url: Url,
  options: UseSocketOptions<S> = {},
): SocketView<S> {
  const { enabled = true, share } = options
  const latest = useRef(url)
  const key = shareKey(share, url)
  const place = key ?? latest
  // before all other effects, and without a warning on a server
  useInsertionEffect(() => {
    if (typeof url !== 'function') return
    // a socket that is being replaced keeps its own function
    latest.current = url
    return offer(place, url)
  })
  const which = identity(url)
  const watch = useKept<Watch<S>>(
    (before) =>
      new Watch<S>(
        pageLeases as unknown as Leases<S>,
        key,
        which,
        () => createSocket<S>(typeof url === 'function' ? asking(place, () => latest.current) : url, options),
        before,
      ),
    // the other options are read once
    key,
    which,
  )
  return useSyncExternalStore(enabled ? watch.subscribe : watch.follow, watch.get, watch.getIdle)
}

/** Returns the snapshot of a socket that was created outside the component. */
export function useSnapshot<S extends SocketLike>(socket: S): S['snapshot'] {
  const { subscribe, get } = useMemo(
    () => ({
      subscribe: (changed: () => void) => socket.subscribe(changed),
      get: (): S['snapshot'] => socket.snapshot,
    }),
    [socket],
  )
  return useSyncExternalStore(subscribe, get, get)
}
