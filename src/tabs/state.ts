/** What a member of a group of tabs can know, hear and want: the vocabulary of `transition`. */
import type { Sendable } from '../delivery/payload.js'
import type { Ack, Bye, Word } from './words.js'

/** Everything a member knows; `term` is the highest that it has heard of. */
export type State =
  | {
      readonly name: 'waiting'
      readonly term: number
      readonly heard: number
      readonly asked: number
    }
  | Following
  | Leading
  | { readonly name: 'keeping'; readonly term: number; readonly until: number }
  /** The user has closed what was the group's connection: the lock is free, the closing handshake under way. */
  | { readonly name: 'closing'; readonly term: number }
  | { readonly name: 'gone'; readonly term: number }

export interface Following {
  readonly name: 'following'
  readonly term: number
  readonly heard: number
  readonly asked: number
  /** Messages received, and sent. */
  readonly n: number
  readonly seq: number
}

export interface Leading {
  readonly name: 'leading'
  readonly term: number
  readonly phase: 'dialing' | 'greeting' | 'open'
  /** Messages received. */
  readonly n: number
  /** When it last spoke as the certain leader. */
  readonly spoke: number
  /** The number of the last message handed over, of each member; of itself too. */
  readonly last: Readonly<Record<string, number>>
  readonly protocol: string
  readonly extensions: string
}

/** Why a member leaves: its user closed it, or let go of it without waiting; or its page is going. */
export type Leave = 'closed' | 'abandoned' | 'hidden'

export type Input =
  /** The lock is this member's; `date` grows with time, and no two members have the same. */
  | { readonly type: 'granted'; readonly date: number }
  /** Another has taken the lock away. */
  | { readonly type: 'deposed' }
  /** About once a second. */
  | { readonly type: 'tick' }
  | { readonly type: 'word'; readonly word: Word }
  | { readonly type: 'send'; readonly data: Sendable }
  /** The platform socket opened. */
  | { readonly type: 'opened'; readonly protocol: string; readonly extensions: string }
  /** The user's own handshake on it is done. */
  | { readonly type: 'greeted' }
  | { readonly type: 'received'; readonly data: Sendable }
  /** The platform socket closed, and had sent `at` bytes. */
  | {
      readonly type: 'ended'
      readonly code: number
      readonly reason: string
      readonly clean: boolean
      readonly at: number
    }
  | {
      readonly type: 'leave'
      readonly how: Leave
      readonly code: number | undefined
      readonly reason: string
      readonly at: number
      /** What was sent and not confirmed. */
      readonly rest: readonly Sendable[]
    }
  /** The lock has been seen to be still this member's, after it last spoke. */
  | { readonly type: 'verified' }
  /** Another member has gone, with or without a word. */
  | { readonly type: 'lost'; readonly from: string }
  /** The next member of the tab has taken the kept lock over. */
  | { readonly type: 'inherited' }

export type Effect =
  | readonly ['post', Word]
  /** Say who leads. */
  | readonly ['tell', again: boolean]
  | readonly ['dial']
  | readonly ['shut', code: number | undefined, reason: string]
  | readonly ['release']
  | readonly ['steal']
  /** Say who leads, and if nobody objects and the lock is still held, feed `verified`. */
  | readonly ['verify', again: boolean]
  /** Feed `lost` when that member has gone. */
  | readonly ['watch', from: string]
  /** A member has gone: what it alone subscribed to can be given up. */
  | readonly ['left', from: string]
  | readonly ['open', protocol: string, extensions: string]
  | readonly ['deliver', Sendable]
  /** The user's connection ends. `at`: the bytes that were sent, where it is known. */
  | readonly ['end', code: number, reason: string, clean: boolean, at: number | undefined]
  /** Give a message to the platform, then confirm it, with the right `at`. */
  | readonly ['hand', Ack, Sendable]
  | readonly ['acked', Ack]
  | readonly ['flow', at: number]
  /** Post all that is not confirmed again. */
  | readonly ['resend']
  /** Feed `leave`, as if the page went: a connection with gaps is none. */
  | readonly ['leave']
  /** Remember what a member left unconfirmed. */
  | readonly ['will', Bye]
  /** Feed all that is remembered so, as a word. */
  | readonly ['wills']

export type Step = readonly [State, readonly Effect[]]
