/** The types of the machine of a tab: its states, inputs and effects. */
import type { Sendable } from '../delivery/payload.js'
import type { Ack, Bye, Word } from './words.js'

/** The state of a member; `term` is the highest term seen. */
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
  /** The user has closed the shared connection: the lock is released, the closing handshake under way. */
  | { readonly name: 'closing'; readonly term: number }
  | { readonly name: 'gone'; readonly term: number }

export interface Following {
  readonly name: 'following'
  readonly term: number
  readonly heard: number
  readonly asked: number
  /** Number of messages received and sent. */
  readonly n: number
  readonly seq: number
}

export interface Leading {
  readonly name: 'leading'
  readonly term: number
  readonly phase: 'dialing' | 'greeting' | 'open'
  /** Number of messages received. */
  readonly n: number
  /** When it last sent something while certainly leading. */
  readonly spoke: number
  /** The number of the last message handed over, per member, including itself. */
  readonly last: Readonly<Record<string, number>>
  readonly protocol: string
  readonly extensions: string
}

/** Why a member leaves: its user closed it, or abandoned it without waiting; or its page is being hidden. */
export type Leave = 'closed' | 'abandoned' | 'hidden'

export type Input =
  /** This member holds the lock; `date` grows with time, and is unique among members. */
  | { readonly type: 'granted'; readonly date: number }
  /** Another member has taken the lock. */
  | { readonly type: 'deposed' }
  /** About once a second. */
  | { readonly type: 'tick' }
  | { readonly type: 'word'; readonly word: Word }
  | { readonly type: 'send'; readonly data: Sendable }
  /** The platform socket opened. */
  | { readonly type: 'opened'; readonly protocol: string; readonly extensions: string }
  /** The application's hello on it is done. */
  | { readonly type: 'greeted' }
  | { readonly type: 'received'; readonly data: Sendable }
  /** The platform socket closed after sending `at` bytes. */
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
      /** Messages that were sent and not confirmed. */
      readonly left: readonly Sendable[]
    }
  /** Since its last message, the lock has been checked and is still this member's. */
  | { readonly type: 'verified' }
  /** Another member has gone, with or without a message. */
  | { readonly type: 'lost'; readonly from: string }
  /** The tab's next member has taken over the lock. */
  | { readonly type: 'inherited' }

export type Effect =
  | readonly ['post', Word]
  /** Announce the leader. */
  | readonly ['lead', again: boolean]
  | readonly ['dial']
  | readonly ['close', code: number | undefined, reason: string]
  | readonly ['release']
  | readonly ['steal']
  /** Announce the leader and, if nobody objects and the lock is still held, feed `verified`. */
  | readonly ['verify', again: boolean]
  /** Feed `lost` once that member has gone. */
  | readonly ['watch', from: string]
  /** A member has gone: its own subscriptions can be dropped. */
  | readonly ['left', from: string]
  | readonly ['open', protocol: string, extensions: string]
  | readonly ['deliver', Sendable]
  /** The user's connection ends. `at`: the number of bytes sent, if known. */
  | readonly ['end', code: number, reason: string, clean: boolean, at: number | undefined]
  /** Hand a message to the platform, then confirm it with the right `at`. */
  | readonly ['hand', Ack, Sendable]
  | readonly ['acked', Ack]
  | readonly ['sent', at: number]
  /** Post all unconfirmed messages again. */
  | readonly ['resend']
  /** Feed `leave`, as if the page was hidden: a connection must not have gaps. */
  | readonly ['hidden']
  /** Remember the unconfirmed messages of a member. */
  | readonly ['will', Bye]
  /** Feed all remembered messages. */
  | readonly ['wills']

export type Step = readonly [State, readonly Effect[]]
