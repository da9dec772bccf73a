/** The hook that gives a socket and its snapshot. */
import { useLayoutEffect, useMemo, useRef, useSyncExternalStore } from 'react'
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
import type { Endpoint } from '../options/options.js'
import type { Attempt } from '../options/provider.js'
import type { ReconnectingSocket } from '../socket/socket.js'
import { useKept } from './kept.js'

/** Options of `useReconnectingSocket()`. */
export type UseSocketOptions<S = ReconnectingSocket, In = Sendable, Out = Data> = BindingOptions<S, In, Out>

/** A socket with its snapshot; the same object until something changes. */
export type SocketView<S extends SocketLike = ReconnectingSocket> = View<S>

const never = (): (() => void) => () => {}

/** An effect that a server does not warn of. */
const useAfterRender = typeof document === 'undefined' ? () => {} : useLayoutEffect

/**
 * A socket for as long as the component is there: it dials when the component is mounted, and closes when it is not.
 * Rendering makes no connection, neither on a server nor in a tree that is thrown away.
 * @param url One endpoint, several, or a function. Another URL is another socket. A function is asked before every
 * attempt, the latest one that was given: a new one on each render is fine.
 * @param options Read when the socket is made, but for `enabled`, which may change at any time. A `codec` says what the
 * messages are.
 * @throws InvalidArgumentError naming the option that cannot be used.
 */
export function useReconnectingSocket<In, Out>(
  url: Url,
  options: UseSocketOptions<CodedSocket<In, Out>, In, Out> & Coded<In, Out>,
): SocketView<CodedSocket<In, Out>>
/** The same without a `codec`, and with what `create` makes. */
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
  useAfterRender(() => {
    // a socket that is on its way out asks the function that it knows
    if (typeof url === 'function') latest.current = url
  })
  const key = shareKey(share, url)
  const which = identity(url)
  const watch = useKept(
    () => {
      const ask = (attempt: Attempt) => (latest.current as (attempt: Attempt) => Endpoint)(attempt)
      return new Watch<S>(pageLeases as unknown as Leases<S>, key, () =>
        createSocket<S>(typeof url === 'function' ? ask : url, options),
      )
    },
    // what is not listed is read once
    key,
    which,
  )
  return useSyncExternalStore(enabled ? watch.subscribe : never, watch.get, watch.get)
}

/** The snapshot of a socket that was made elsewhere, whose life is not the component's. */
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
