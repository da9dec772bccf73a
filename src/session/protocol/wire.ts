/**
 * The wire of a session: what a message of the WebSocket means, and how one is made. Subprotocol `everopen.session.1`;
 * the page docs/session-protocol.md says the same in words.
 *
 * Binary messages and texts are payloads, as they are. Only a text that begins with U+0001 is something else: control,
 * or, with a second U+0001, a payload that begins with one.
 */

/** The subprotocol that both sides must have agreed on in the opening handshake. */
export const SUBPROTOCOL = 'everopen.session.1'

/** Close codes of the protocol. Those of 4100 on are the server's to say. */
export const closeCodes = {
  /** A rule of the protocol was broken. The session stays resumable. */
  violation: 1002,
  /** The same, said by a client: a page may not say 1002 (WHATWG WebSockets, "close(code, reason)"). */
  clientViolation: 4002,
  /** The session was taken over by another connection. */
  takenOver: 4100,
  /** The session was ended by the server. */
  ended: 4101,
  /** The session, or the server, is over its limits. */
  limits: 4102,
} as const

/** Longest control text that is looked at, in UTF-16 code units. */
export const MAX_CONTROL = 1_024
/** Longest `id` and `token`. */
export const MAX_NAME = 128

/** What begins a control text, and is doubled in front of a payload that begins with it. */
const MARK = '\u0001'

/** A ping, and the answer to it. */
export const PING = `${MARK}p{}`

/** A session as its client knows it: `id` may be shown, `token` is a secret. */
export interface SessionName {
  readonly id: string
  readonly token: string
}

/** The client's first words on every connection. `session` is missing where it has none yet. */
export interface Hello {
  readonly type: 'hello'
  readonly session: SessionName | undefined
  /** Last number of the server's messages that the client has taken over; 0 for a new session. */
  readonly received: number
  /** Number of the oldest message that the client still holds, or of its next one; 1 for a new session. */
  readonly first: number
}

/** The server's answer to `hello`. */
export interface Welcome {
  readonly type: 'welcome'
  readonly session: SessionName
  /** Last number of the client's messages that the server has taken over. */
  readonly received: number
  /** False: this is a new session, and the one that was asked for, if any, is gone. */
  readonly resumed: boolean
  /** How long the session outlives its connection, in ms. */
  readonly ttl: number
  /** Bytes of payload that either side may have sent and not yet acknowledged. */
  readonly window: number
}

/** All messages up to `number` are taken over for good. */
export interface Acknowledge {
  readonly type: 'acknowledge'
  readonly number: number
}

/** The session is over: the server forgets it. */
export interface Bye {
  readonly type: 'bye'
}

/**
 * Whether anybody is there: the server says it back at once. It counts for nothing else, and neither machine hears of it.
 * A page cannot ping in any other way.
 */
export interface Ping {
  readonly type: 'ping'
}

export type Control = Hello | Welcome | Acknowledge | Bye | Ping

/** A control text that says nothing that there is. `problem` is for a log, and holds nothing of the text. */
export interface Malformed {
  readonly type: 'malformed'
  readonly problem: string
}

/** Whether a text is anything but a payload as it is. */
export function isMarked(text: string): boolean {
  return text.charCodeAt(0) === 1
}

/** Whether a text is control, and not a payload. */
export function isControl(text: string): boolean {
  return isMarked(text) && text.charCodeAt(1) !== 1
}

/** A text as it goes over the wire. */
export function escape(text: string): string {
  return isMarked(text) ? MARK + text : text
}

/** The payload of a text that is not control. */
export function unescape(text: string): string {
  return isMarked(text) ? text.slice(1) : text
}

/** A control message as text. */
export function encode(control: Control): string {
  switch (control.type) {
    case 'hello': {
      const { session, received, first } = control
      return `${MARK}h${JSON.stringify(session ? { ...session, received, first } : {})}`
    }
    case 'welcome': {
      const { session, received, resumed, ttl, window } = control
      return `${MARK}w${JSON.stringify({ ...session, received, resumed, ttl, window })}`
    }
    case 'acknowledge':
      return `${MARK}a${control.number}`
    case 'bye':
      return `${MARK}b{}`
    case 'ping':
      return PING
  }
}

/** Reads a text for which `isControl` holds. Fields that are not known are ignored. */
export function decode(text: string): Control | Malformed {
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
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return malformed('a control message is no object')
  const fields = value as Record<string, unknown>
  if (letter === 'h') return decodeHello(fields)
  if (letter === 'w') return decodeWelcome(fields)
  if (letter === 'p') return { type: 'ping' }
  return letter === 'b' ? { type: 'bye' } : malformed('a control message of no known kind')
}

function decodeHello({ id, token, received, first }: Record<string, unknown>): Hello | Malformed {
  if (id === undefined && token === undefined)
    return { type: 'hello', session: undefined, received: 0, first: 1 }
  return isName(id) && isName(token) && isNumber(received, 0) && isNumber(first, 1)
    ? { type: 'hello', session: { id, token }, received, first }
    : malformed('a hello that is incomplete')
}

function decodeWelcome(fields: Record<string, unknown>): Welcome | Malformed {
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
