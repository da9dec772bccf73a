/**
 * What tabs say to each other on the channel. Each reign of a leader has a term; who knows of a higher one is deaf to
 * the lower. Payloads are numbered from 1 by who sends them, and so are the server's messages of one term.
 */
import { isArrayBuffer, isBlob, type Sendable } from '../delivery/payload.js'

/** Of who follows, or would. */
export type Request =
  /** Who leads, and is it awake? `seq` messages have been sent so far, in `term`. */
  | { readonly kind: 'ask'; readonly from: string; readonly term: number; readonly seq: number }
  | {
      readonly kind: 'send'
      readonly from: string
      readonly term: number
      readonly seq: number
      readonly data: Sendable
    }
  | Bye

/** Leaves. `rest` is what was not confirmed, from number `seq` on: also told by who heard it, to the next leader. */
export interface Bye {
  readonly kind: 'bye'
  readonly from: string
  readonly term: number
  readonly seq: number
  readonly rest: readonly Sendable[]
}

/** Message `seq` of `to` was handed to the platform, and is sent when it has sent `at` bytes. `again`: those after it, please. */
export interface Ack {
  readonly kind: 'ack'
  readonly to: string
  readonly term: number
  readonly seq: number
  readonly again: boolean
  readonly at: number
}

/** Here is the leader; its connection is `open` or not yet, has brought `n` messages, and has sent `at` bytes. */
export interface Lead {
  readonly kind: 'lead'
  readonly term: number
  readonly open: boolean
  readonly n: number
  readonly at: number
  /** Whoever has sent what was not confirmed should send it again. */
  readonly again: boolean
  readonly protocol: string
  readonly extensions: string
}

/** Of the leader. */
export type Answer =
  | Lead
  | Ack
  | { readonly kind: 'data'; readonly term: number; readonly n: number; readonly data: Sendable }
  /** The connection has ended, and had sent `at` bytes. */
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
  bye: 'from term seq rest',
  lead: 'term open n at again protocol extensions',
  ack: 'to term seq again at',
  data: 'term n data',
  over: 'term code reason clean at',
}

const isText = (value: unknown): boolean => typeof value === 'string'
const isTruth = (value: unknown): boolean => typeof value === 'boolean'
const isPayload = (value: unknown): boolean => isText(value) || isArrayBuffer(value) || isBlob(value)

const checks: Readonly<Record<string, (value: unknown) => boolean>> = {
  from: isText,
  to: isText,
  protocol: isText,
  extensions: isText,
  reason: isText,
  open: isTruth,
  again: isTruth,
  clean: isTruth,
  data: isPayload,
  rest: (value) => Array.isArray(value) && value.every(isPayload),
}

/** Whether something off the channel has the form of a word: another version of the page may be speaking. */
export function isWord(value: unknown): value is Word {
  const given = Object(value) as Record<string, unknown>
  const { kind } = given
  return (
    Object.hasOwn(fields, kind as string) &&
    fields[kind as keyof typeof fields].split(' ').every((name) => (checks[name] ?? isCount)(given[name]))
  )
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
