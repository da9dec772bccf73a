/**
 * The wire format of a session: what WebSocket messages mean, and how to build them. Subprotocol `everopen.session.1`,
 * described in docs/session-protocol.md.
 *
 * Binary messages and texts are payloads, unchanged. Only a text that begins with U+0001 is different: a control
 * message or, with a second U+0001, a payload that begins with U+0001.
 */

import { isObject } from '../../options/rules.js'

/** The subprotocol, which both sides must agree on in the opening handshake. */
export const SUBPROTOCOL = 'everopen.session.1'

/** Close codes of the protocol. Only servers send those from 4100 on. */
export const closeCodes = {
  /** Protocol violation. The session can still be resumed. */
  violation: 1002,
  /** The same from a client: a page cannot send 1002 (WHATWG WebSockets, "close(code, reason)"). */
  clientViolation: 4002,
  /** The session was taken over by another connection. */
  takenOver: 4100,
  /** The session was ended by the server. */
  ended: 4101,
  /** The session or the server exceeds its limits. */
  limits: 4102,
} as const

/** Longest control text that is parsed, in UTF-16 code units. */
export const MAX_CONTROL = 1_024
/** Longest `id` and `token`. */
export const MAX_NAME = 128

/** Begins a control text, and is doubled at the beginning of a payload that starts with it. */
const MARK = '\u0001'

/** A ping, and its answer. */
export const PING = `${MARK}p{}`

/** Identifies a session to its client: `id` is not secret, `token` is. */
export interface SessionName {
  readonly id: string
  readonly token: string
}

/** The client's first message on every connection. `session` is missing if it has none yet. */
export interface Hello {
  readonly type: 'hello'
  readonly session: SessionName | undefined
  /** Last processed message of the server; 0 for a new session. */
  readonly received: number
  /** Number of the oldest message that the client holds, or of its next one; 1 for a new session. */
  readonly first: number
}

/** The server's answer to `hello`. */
export interface Welcome {
  readonly type: 'welcome'
  readonly session: SessionName
  /** Last processed message of the client. */
  readonly received: number
  /** False: this is a new session, and the requested one, if any, no longer exists. */
  readonly resumed: boolean
  /** How long the session is kept without a connection, in ms. */
  readonly ttl: number
  /** Largest number of unacknowledged payload bytes in each direction. */
  readonly window: number
}

/** All messages up to `number` have been processed. */
export interface Acknowledge {
  readonly type: 'acknowledge'
  readonly number: number
}

/** The client ends the session: the server deletes it. */
export interface Bye {
  readonly type: 'bye'
}

/**
 * A ping, which the server answers at once. It is not counted, and the state machines do not receive it. A page has no
 * other way to ping.
 */
export interface Ping {
  readonly type: 'ping'
}

export type Control = Hello | Welcome | Acknowledge | Bye | Ping

/** An invalid control text. `problem` is for a log, and contains nothing of the text. */
export interface Malformed {
  readonly type: 'malformed'
  readonly problem: string
}

/** Whether a text is anything other than an unchanged payload. */
export function isMarked(text: string): boolean {
  return text.charCodeAt(0) === 1
}

/** Whether a text is a control message. */
export function isControl(text: string): boolean {
  return isMarked(text) && text.charCodeAt(1) !== 1
}

/** Converts a text payload for the wire. */
export function escape(text: string): string {
  return isMarked(text) ? MARK + text : text
}

/** The payload of a text that is not a control message. */
export function unescape(text: string): string {
  return isMarked(text) ? text.slice(1) : text
}

/** Serializes a control message. */
export function encode(control: Control): string {
  if (control.type === 'ping') return PING
  if (control.type !== 'welcome') return encodeClient(control)
  const { session, received, resumed, ttl, window } = control
  return `${MARK}w${JSON.stringify({ ...session, received, resumed, ttl, window })}`
}

/** The same for a client, which need not know what a server says, and whose pings are all alike. */
export function encodeClient(control: Exclude<Control, Welcome | Ping>): string {
  if (control.type === 'bye') return `${MARK}b{}`
  if (control.type === 'acknowledge') return `${MARK}a${control.number}`
  const { session, received, first } = control
  return `${MARK}h${JSON.stringify(session ? { ...session, received, first } : {})}`
}

/** Parses a text for which `isControl` is true. Unknown fields are ignored. */
export function decode(text: string): Control | Malformed {
  return decodeAs(text, (letter, fields) => {
    if (letter === 'h') return decodeHello(fields)
    if (letter === 'p') return { type: 'ping' }
    return letter === 'b' ? { type: 'bye' } : decodeWelcome(letter, fields)
  })
}

/**
 * The same for one who expects less.
 * @param decodeFields Reads what is no acknowledgement.
 */
export function decodeAs<T>(
  text: string,
  decodeFields: (letter: string | undefined, fields: Record<string, unknown>) => T,
): T | Acknowledge | Malformed {
  if (text.length > MAX_CONTROL) return malformed('a control message is too long')
  let value: unknown
  try {
    value = JSON.parse(text.slice(2))
  } catch {
    return malformed('a control message is no JSON')
  }
  const letter = text[1]
  if (letter === 'a')
    return isNumber(value, 1)
      ? { type: 'acknowledge', number: value }
      : malformed('an acknowledgement without a number')
  return isObject(value)
    ? decodeFields(letter, value as Record<string, unknown>)
    : malformed('a control message is no object')
}

function decodeHello({ id, token, received, first }: Record<string, unknown>): Hello | Malformed {
  if (id === undefined && token === undefined)
    return { type: 'hello', session: undefined, received: 0, first: 1 }
  return isName(id) && isName(token) && isNumber(received, 0) && isNumber(first, 1)
    ? { type: 'hello', session: { id, token }, received, first }
    : malformed('a hello that is incomplete')
}

/** What a server says. */
export function decodeWelcome(
  letter: string | undefined,
  fields: Record<string, unknown>,
): Welcome | Malformed {
  if (letter !== 'w') return malformed('a control message of no known kind')
  const { id, token, received, resumed, ttl, window } = fields
  return isName(id) &&
    isName(token) &&
    isNumber(received, 0) &&
    typeof resumed === 'boolean' &&
    isNumber(ttl, 0) &&
    isNumber(window, 1)
    ? { type: 'welcome', session: { id, token }, received, resumed, ttl, window }
    : malformed('a welcome that is incomplete')
}

function malformed(problem: string): Malformed {
  return { type: 'malformed', problem }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_NAME
}

function isNumber(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least
}
