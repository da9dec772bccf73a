/** Hooks for what arrives. */
import { useSyncExternalStore } from 'react'
import { Messages, type MessageSource } from '../bindings/messages.js'
import type { Events } from '../socket/events.js'
import type { ReconnectingSocket } from '../socket/socket.js'
import { useKept } from './kept.js'

/**
 * The messages since the component was mounted, oldest first, at most `limit` of them; the latest stay.
 * @param options `limit`: default 100.
 */
export function useMessages<E extends Events, In, Out>(
  socket: ReconnectingSocket<E, In, Out>,
  options?: { limit?: number },
): readonly Out[]
/** The same of whatever tells of messages; `T` is what they are. */
export function useMessages<T>(socket: MessageSource<T>, options?: { limit?: number }): readonly T[]
export function useMessages<T>(
  socket: MessageSource<T>,
  { limit = 100 }: { limit?: number } = {},
): readonly T[] {
  const messages = useKept(() => new Messages(socket, limit), socket, limit)
  return useSyncExternalStore(messages.subscribe, messages.get, messages.get)
}

/**
 * The latest message since the component was mounted; `undefined` before the first. Of several that come within one
 * render, the last: for each of them use `useMessages()`, or `socket.on('message', …)` in an effect.
 */
export function useLastMessage<E extends Events, In, Out>(
  socket: ReconnectingSocket<E, In, Out>,
): Out | undefined
/** The same of whatever tells of messages; `T` is what they are. */
export function useLastMessage<T>(socket: MessageSource<T>): T | undefined
export function useLastMessage<T>(socket: MessageSource<T>): T | undefined {
  return useMessages(socket, { limit: 1 }).at(-1)
}
