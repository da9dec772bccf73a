/** What is needed of a page or worker, and what a tab remembers between its sockets. */
import type { Sendable } from '../delivery/payload.js'
import type { WebSocketClass } from '../options/options.js'
import type { Input } from './state.js'
import { type Resubscribe, Topics } from './topics.js'
import type { Wills } from './wills.js'

/** The part of the global object that is needed. */
export interface Scope {
  readonly navigator?: { readonly locks?: LockManager | undefined } | undefined
  readonly BroadcastChannel?: typeof BroadcastChannel | undefined
  readonly WebSocket?: WebSocketClass | undefined
  readonly performance: { now(): number }
  readonly document?: (object & { readonly prerendering?: boolean }) | undefined
  addEventListener?(type: string, listener: () => void, options: AddEventListenerOptions): void
  setTimeout(callback: () => void, ms: number): unknown
}

/** The part of a WebSocket that is needed. */
export interface Real {
  binaryType: string
  readonly bufferedAmount: number
  readonly protocol: string
  readonly extensions: string
  onopen: (() => void) | null
  onmessage: ((event: { readonly data: Sendable }) => void) | null
  onerror: ((event: { readonly error?: unknown }) => void) | null
  onclose:
    ((event: { readonly code: number; readonly reason: string; readonly wasClean: boolean }) => void) | null
  send(data: Sendable): void
  close(code?: number, reason?: string): void
}

/** The lock of a group; the members of a tab pass it on. */
export interface Held {
  owner: { step(input: Input): void; lose(held: Held): void }
  release?: () => void
  readonly wills: Wills
}

/** What a tab remembers for one key. */
export interface Room {
  /** The highest term seen. */
  term: number
  /** The lock, kept for the next socket of the tab. */
  kept: Held | undefined
  /** The subscriptions of this tab. */
  topics: Topics
  sockets: number
}

export function newRoom(read: Resubscribe['read'] | undefined): Room {
  return { term: 0, kept: undefined, topics: new Topics(read), sockets: 0 }
}
