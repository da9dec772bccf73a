/** Hooks for received messages. */
import { useSyncExternalStore } from 'react'
import { Messages, type MessageSource } from '../bindings/messages.js'
import type { Events } from '../socket/events.js'
import type { ReconnectingSocket } from '../socket/socket.js'
import { useKept } from './kept.js'

/**
 * Returns the latest `limit` messages since the component mounted, oldest first.
 * @param options `limit`: default 100, at least 1; Infinity keeps all.
 */
export function useMessages<E extends Events, In, Out>(
  socket: ReconnectingSocket<E, In, Out>,
  options?: { limit?: number | undefined },
): readonly Out[]
/** The same for any source of messages of type `T`. */
export function useMessages<T>(
  socket: MessageSource<T>,
  options?: { limit?: number | undefined },
): readonly T[]
export function useMessages<T>(
  socket: MessageSource<T>,
  { limit = 100 }: { limit?: number | undefined } = {},
): readonly T[] {
  const messages = useKept<Messages<T>>((before) => new Messages(socket, limit, before), socket, limit)
  return useSyncExternalStore(messages.subscribe, messages.get, messages.get)
}

/**
 * Returns the latest message since the component mounted; `undefined` before the first. If several arrive between two
 * renders, only the last: to get all, use `useMessages()`, or `socket.on('message', …)` in an effect.
 */
export function useLastMessage<E extends Events, In, Out>(
  socket: ReconnectingSocket<E, In, Out>,
): Out | undefined
/** The same for any source of messages of type `T`. */
export function useLastMessage<T>(socket: MessageSource<T>): T | undefined
export function useLastMessage<T>(socket: MessageSource<T>): T | undefined {
  return useMessages(socket, { limit: 1 }).at(-1)
}
