/**
 * `everopen/vue`: a socket with the lifetime of a component or an effect scope.
 *
 *     const { socket, snapshot } = useReconnectingSocket('wss://example.test/feed')
 *     const last = useLastMessage(socket)
 */
import {
  computed,
  getCurrentInstance,
  type MaybeRefOrGetter,
  onMounted,
  type Ref,
  shallowRef,
  type ShallowRef,
  toValue,
  watch,
} from 'vue'
import { asking, offer } from '../bindings/asked.js'
import { type Leases, pageLeases, type SocketLike } from '../bindings/leases.js'
import { Messages, type MessageSource } from '../bindings/messages.js'
import {
  type BindingOptions,
  type Coded,
  type CodedSocket,
  createSocket,
  identity,
  shareKey,
  type Url,
} from '../bindings/options.js'
import { Watch } from '../bindings/view.js'
import type { Data, Sendable } from '../delivery/payload.js'
import type { Events } from '../socket/events.js'
import type { ReconnectingSocket } from '../socket/socket.js'

/** Options of the composables. */
export interface UseSocketOptions<S = ReconnectingSocket, In = Sendable, Out = Data> extends Omit<
  BindingOptions<S, In, Out>,
  'enabled'
> {
  /** Whether to connect: a value, a ref or a getter. Default true; false closes the socket. */
  readonly enabled?: MaybeRefOrGetter<boolean> | undefined
}

/** The URL, or a ref of it. A function is the socket's URL function, not a getter. */
export type UrlOrRef = Url | Ref<Exclude<Url, (...args: never[]) => unknown>>

/** The result of `useReconnectingSocket()`; both refs are shallow. */
export interface UseSocket<S extends SocketLike = ReconnectingSocket> {
  /** The socket. A different URL replaces it. */
  readonly socket: Readonly<ShallowRef<S>>
  /** The snapshot of the socket. */
  readonly snapshot: Readonly<ShallowRef<S['snapshot']>>
}

/**
 * Returns a socket with the lifetime of the component or effect scope: it connects when the component mounts and closes
 * with the scope. On a server it stays idle.
 * @param url One endpoint, several, or a ref of these; a different URL creates a new socket. A function is called before
 * each attempt and returns its URL; of components that share a socket, that of the latest.
 * @param options Read when the socket is created, except `enabled`, which may change at any time. A `codec` determines the
 * types of messages.
 * @throws InvalidArgumentError, which names the invalid option.
 */
export function useReconnectingSocket<In, Out>(
  url: UrlOrRef,
  options: UseSocketOptions<CodedSocket<In, Out>, In, Out> & Coded<In, Out>,
): UseSocket<CodedSocket<In, Out>>
/** The same without a `codec`, or with the result of `create`. */
export function useReconnectingSocket<S extends SocketLike = ReconnectingSocket>(
  url: UrlOrRef,
  options?: UseSocketOptions<S>,
): UseSocket<S>
export function useReconnectingSocket<S extends SocketLike>(
  url: UrlOrRef,
  options: UseSocketOptions<S> = {},
): UseSocket<S> {
  const { enabled = true, share, ...own } = options
  const current = (): Url => (typeof url === 'function' ? url : toValue(url))
  const key = (): string | undefined => shareKey(share, current())
  const place = typeof url === 'function' && (key() ?? url)
  const make = (before?: Watch<S>): Watch<S> =>
    new Watch<S>(
      pageLeases as unknown as Leases<S>,
      key(),
      identity(current()),
      () => createSocket<S>(place ? asking(place, current) : current(), own),
      before,
    )
  let which = identity(current())
  let watched = make()
  const view = shallowRef(watched.getIdle())
  // nothing mounts on a server; and a component does so once, perhaps before this call
  const mounted = shallowRef(getCurrentInstance()?.isMounted ?? true)
  if (!mounted.value) onMounted(() => (mounted.value = true))
  watch(
    // apart, because a list is a new one each time
    [() => identity(current()), () => mounted.value, () => mounted.value && toValue(enabled)] as const,
    ([now, live, on], _before, onCleanup) => {
      if (now !== which) watched = make(watched)
      which = now
      if (live) {
        const takeBack = offer(place, current())
        const stop = (on ? watched.subscribe : watched.follow)(() => (view.value = watched.get()))
        onCleanup(() => {
          takeBack()
          stop()
        })
      }
      view.value = live ? watched.get() : watched.getIdle()
    },
    { immediate: true, flush: 'sync' },
  )
  return { socket: computed(() => view.value.socket), snapshot: computed(() => view.value.snapshot) }
}

/**
 * Returns the latest `limit` messages from now on, oldest first. A new socket starts with an empty list.
 * @param options `limit`: default 100, at least 1; Infinity keeps all.
 */
export function useMessages<E extends Events, In, Out>(
  socket: MaybeRefOrGetter<ReconnectingSocket<E, In, Out>>,
  options?: { limit?: number | undefined },
): Readonly<ShallowRef<readonly Out[]>>
/** The same for any source of messages of type `T`. */
export function useMessages<T>(
  socket: MaybeRefOrGetter<MessageSource<T>>,
  options?: { limit?: number | undefined },
): Readonly<ShallowRef<readonly T[]>>
export function useMessages<T>(
  socket: MaybeRefOrGetter<MessageSource<T>>,
  { limit = 100 }: { limit?: number | undefined } = {},
): Readonly<ShallowRef<readonly T[]>> {
  const list = shallowRef<readonly T[]>([])
  watch(
    () => toValue(socket),
    (source, _before, onCleanup) => {
      const messages = new Messages(source, limit)
      list.value = messages.get()
      onCleanup(messages.subscribe(() => (list.value = messages.get())))
    },
    { immediate: true, flush: 'sync' },
  )
  return list
}

/** Returns the latest message from now on; `undefined` before the first. */
export function useLastMessage<E extends Events, In, Out>(
  socket: MaybeRefOrGetter<ReconnectingSocket<E, In, Out>>,
): Readonly<Ref<Out | undefined>>
/** The same for any source of messages of type `T`. */
export function useLastMessage<T>(socket: MaybeRefOrGetter<MessageSource<T>>): Readonly<Ref<T | undefined>>
export function useLastMessage<T>(socket: MaybeRefOrGetter<MessageSource<T>>): Readonly<Ref<T | undefined>> {
  const messages = useMessages(socket, { limit: 1 })
  return computed(() => messages.value.at(-1))
}
