/**
 * The messages between tabs, on the channel. Each leader has a term; a member that knows of a higher term ignores lower
 * ones. Payloads are numbered from 1 per sender, and so are the server's messages of one term.
 */
import { isArrayBuffer, isBlob, type Sendable } from '../delivery/payload.js'

/** Messages of followers, and of members that want to follow. */
export type Request =
  /** Asks who leads and whether it is awake. `seq` messages have been sent so far, in `term`. */
  | { readonly kind: 'ask'; readonly from: string; readonly term: number; readonly seq: number }
  | {
      readonly kind: 'send'
      readonly from: string
      readonly term: number
      readonly seq: number
      readonly data: Sendable
    }
  | Bye

/**
 * The member leaves. `left` is its unconfirmed messages, from number `seq` on; members that received it repeat it to
 * the next leader.
 */
export interface Bye {
  readonly kind: 'bye'
  readonly from: string
  readonly term: number
  readonly seq: number
  readonly left: readonly Sendable[]
}

/**
 * Message `seq` of `to` was handed to the platform, and is sent once the platform has sent `at` bytes. `again` asks for
 * those after it.
 */
export interface Ack {
  readonly kind: 'ack'
  readonly to: string
  readonly term: number
  readonly seq: number
  readonly again: boolean
  readonly at: number
}

/** Announces the leader. Its connection is `open` or not yet, has received `n` messages and sent `at` bytes. */
export interface Lead {
  readonly kind: 'lead'
  readonly term: number
  readonly open: boolean
  readonly n: number
  readonly at: number
  /** Asks all members to send unconfirmed messages again. */
  readonly again: boolean
  readonly protocol: string
  readonly extensions: string
}

/** Messages of the leader. */
export type Answer =
  | Lead
  | Ack
  | { readonly kind: 'data'; readonly term: number; readonly n: number; readonly data: Sendable }
  /** The connection has ended after sending `at` bytes. */
  | {
      readonly kind: 'over'
      readonly term: number
      readonly code: number
      readonly reason: string
      readonly clean: boolean
      readonly at: number
    }

export type Word = Request | Answer

const fields = {
  ask: 'from term seq',
  send: 'from term seq data',
  bye: 'from term seq left',
  lead: 'term open n at again protocol extensions',
  ack: 'to term seq again at',
  data: 'term n data',
  over: 'term code reason clean at',
}

const isText = (value: unknown): boolean => typeof value === 'string'
const isTruth = (value: unknown): boolean => typeof value === 'boolean'
const isPayload = (value: unknown): boolean => isText(value) || isArrayBuffer(value) || isBlob(value)

const checks: Readonly<Record<string, (value: unknown) => boolean>> = {
  // not a name that every object has a value for
  from: (value) => isText(value) && !((value as string) in {}),
  to: isText,
  protocol: isText,
  extensions: isText,
  reason: isText,
  open: isTruth,
  again: isTruth,
  clean: isTruth,
  data: isPayload,
  left: (value) => Array.isArray(value) && value.every(isPayload),
}

/** Whether a value from the channel is a valid message: another version of the page may be sending. */
export function isWord(value: unknown): value is Word {
  const given = Object(value) as Record<string, unknown>
  const { kind } = given
  return (
    isText(kind) &&
    Object.hasOwn(fields, kind as string) &&
    fields[kind as keyof typeof fields].split(' ').every((name) => (checks[name] ?? isCount)(given[name]))
  )
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
