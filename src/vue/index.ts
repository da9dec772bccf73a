/**
 * `everopen/vue`: a socket for as long as a component, or an effect scope, is there.
 *
 *     const { socket, snapshot } = useReconnectingSocket('wss://example.test/feed')
 *     const last = useLastMessage(socket)
 */
import {
  computed,
  getCurrentInstance,
  type MaybeRefOrGetter,
  onMounted,
  onScopeDispose,
  type Ref,
  shallowRef,
  type ShallowRef,
  toValue,
  watch,
} from 'vue'
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
  /** Whether to be connected, as a value, a ref or a getter. Default true; false closes. */
  readonly enabled?: MaybeRefOrGetter<boolean> | undefined
}

/** Where to dial, or a ref of it; a function is the URL itself. */
export type UrlOrRef = Url | Ref<Exclude<Url, (...args: never[]) => unknown>>

/** What `useReconnectingSocket()` gives; both refs are shallow. */
export interface UseSocket<S extends SocketLike = ReconnectingSocket> {
  readonly socket: Readonly<ShallowRef<S>>
  readonly snapshot: Readonly<ShallowRef<S['snapshot']>>
}

/**
 * A socket for as long as the component, or the effect scope, is there: it dials when the component is mounted, and
 * closes when it is gone. On a server it stays idle.
 * @param url One endpoint, several, or a ref of these: another URL is another socket. A function is the socket's own: it
 * gives the URL of each attempt.
 * @param options Read when the socket is made, but for `enabled`, which may change at any time. A `codec` says what the
 * messages are.
 * @throws InvalidArgumentError naming the option that cannot be used.
 */
export function useReconnectingSocket<In, Out>(
  url: UrlOrRef,
  options: UseSocketOptions<CodedSocket<In, Out>, In, Out> & Coded<In, Out>,
): UseSocket<CodedSocket<In, Out>>
/** The same without a `codec`, and with what `create` makes. */
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
  const make = (): Watch<S> =>
    new Watch<S>(pageLeases as unknown as Leases<S>, shareKey(share, current()), () =>
      createSocket<S>(current(), own),
    )
  let watched = make()
  const view = shallowRef(watched.get())
  let stop: (() => void) | undefined
  const leave = (): void => {
    stop?.()
    stop = undefined
  }
  const follow = (): void => {
    leave()
    if (toValue(enabled)) stop = watched.subscribe(() => (view.value = watched.get()))
    view.value = watched.get()
  }
  const start = (): void => {
    watch(
      () => [identity(current()), toValue(enabled)] as const,
      ([which], before) => {
        if (before && before[0] !== which) watched = make()
        follow()
      },
      { immediate: true, flush: 'sync' },
    )
  }
  onScopeDispose(leave)
  // a server mounts nothing
  if (getCurrentInstance()) onMounted(start)
  else start()
  return { socket: computed(() => view.value.socket), snapshot: computed(() => view.value.snapshot) }
}

/**
 * The messages from now on, oldest first, at most `limit` of them; the latest stay. Another socket begins anew.
 * @param options `limit`: default 100.
 */
export function useMessages<E extends Events, In, Out>(
  socket: MaybeRefOrGetter<ReconnectingSocket<E, In, Out>>,
  options?: { limit?: number },
): Readonly<ShallowRef<readonly Out[]>>
/** The same of whatever tells of messages; `T` is what they are. */
export function useMessages<T>(
  socket: MaybeRefOrGetter<MessageSource<T>>,
  options?: { limit?: number },
): Readonly<ShallowRef<readonly T[]>>
export function useMessages<T>(
  socket: MaybeRefOrGetter<MessageSource<T>>,
  { limit = 100 }: { limit?: number } = {},
): Readonly<ShallowRef<readonly T[]>> {
  const list = shallowRef<readonly T[]>([])
  let stop: (() => void) | undefined
  watch(
    () => toValue(socket),
    (source) => {
      stop?.()
      const messages = new Messages(source, limit)
      list.value = messages.get()
      stop = messages.subscribe(() => (list.value = messages.get()))
    },
    { immediate: true, flush: 'sync' },
  )
  onScopeDispose(() => stop?.())
  return list
}

/** The latest message from now on; `undefined` before the first. */
export function useLastMessage<E extends Events, In, Out>(
  socket: MaybeRefOrGetter<ReconnectingSocket<E, In, Out>>,
): Readonly<Ref<Out | undefined>>
/** The same of whatever tells of messages; `T` is what they are. */
export function useLastMessage<T>(socket: MaybeRefOrGetter<MessageSource<T>>): Readonly<Ref<T | undefined>>
export function useLastMessage<T>(socket: MaybeRefOrGetter<MessageSource<T>>): Readonly<Ref<T | undefined>> {
  const messages = useMessages(socket, { limit: 1 })
  return computed(() => messages.value.at(-1))
}
