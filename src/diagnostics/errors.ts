/**
 * Every error that everopen creates, one class per cause, each with a stable `code`:
 *
 *     EveropenError
 *     ├── InvalidArgumentError   ERR_INVALID_ARGUMENT   an option or argument that cannot be used; thrown at once
 *     ├── CodecError             ERR_CODEC              a message that the `codec` cannot encode or decode
 *     ├── OutboxFullError        ERR_OUTBOX_FULL        thrown by send(): nothing was accepted
 *     ├── NotOpenError           ERR_NOT_OPEN           thrown by send() with `outbox: false`
 *     ├── ClosedError            ERR_CLOSED             `opened` rejects with it
 *     ├── DrainError             ERR_DRAIN              `drain()` was given up with something left
 *     ├── SlowConsumerError      ERR_SLOW_CONSUMER      an iteration fell behind where nothing can be paused
 *     ├── ProviderError          ERR_PROVIDER           a URL, protocol or header provider failed
 *     ├── HelloError             ERR_HELLO              the application's `hello` failed, or goes on when the attempt is over
 *     ├── ConnectTimeoutError    ERR_CONNECT_TIMEOUT    no connection within connectTimeout
 *     ├── ConnectionError        ERR_CONNECTION         the network or the platform gave up on the connection
 *     ├── DialError              ERR_DIAL               the platform refuses to dial, as a page of https: does for ws:
 *     ├── HandshakeError         ERR_HANDSHAKE          the server answered the handshake with an HTTP status
 *     ├── ProxyError             ERR_PROXY              the proxy refused, or cannot be reached
 *     ├── MissingPackageError    ERR_MISSING_PACKAGE    an optional package is needed and not installed
 *     ├── CloseTimeoutError      ERR_CLOSE_TIMEOUT      no closing handshake within closeTimeout
 *     ├── CloseCodeError         ERR_CLOSE_CODE         the server closed with a code that says: do not come back
 *     ├── HeartbeatError         ERR_HEARTBEAT          the peer stopped answering
 *     └── RetryLimitError        ERR_RETRY_LIMIT        retry.limit or retry.maxElapsed is used up
 *
 * No message holds a URL, a header or a payload: they may carry credentials.
 */

/** The base of all errors of this package. `code` is stable across releases; messages are not. */
export class EveropenError<Code extends string = string> extends Error {
  /** Stable identifier, `ERR_…`. TypeScript tells the classes apart by it. */
  readonly code: Code

  constructor(name: string, code: Code, message: string, cause?: unknown) {
    // the production build has no sentences
    super(message.trim() || code, cause === undefined ? undefined : { cause })
    Object.defineProperty(this, 'name', { value: name, configurable: true, writable: true })
    this.code = code
  }
}

/** An option or argument cannot be used. Thrown at once, before anything is dialed or lost. */
export class InvalidArgumentError extends EveropenError<'ERR_INVALID_ARGUMENT'> {
  /** Which one, by path: `url`, `retry.limit`, `code`. */
  readonly argument: string

  constructor(argument: string, expected: string) {
    super('InvalidArgumentError', 'ERR_INVALID_ARGUMENT', `${argument} ${expected}`)
    this.argument = argument
  }
}

/** The `codec` could not encode a message, and `send()` throws it; or could not decode one, and `undecodable` tells it. */
export class CodecError extends EveropenError<'ERR_CODEC'> {
  constructor(what: 'encoded' | 'decoded', cause: unknown) {
    super('CodecError', 'ERR_CODEC', `a message cannot be ${what}`, cause)
  }
}

/**
 * The outbox, with what the platform holds of an open connection, has no room, and `overflow` is `'throw'`. The message
 * was not accepted.
 */
export class OutboxFullError extends EveropenError<'ERR_OUTBOX_FULL'> {
  constructor() {
    super(
      'OutboxFullError',
      'ERR_OUTBOX_FULL',
      'the outbox is full; wait for open, or for drain() where the peer reads too slowly, raise outbox.maxMessages or outbox.maxBytes, or choose another outbox.overflow',
    )
  }
}

/** `send()` with `outbox: false` while no connection is open. The message was not accepted. */
export class NotOpenError extends EveropenError<'ERR_NOT_OPEN'> {
  constructor() {
    super('NotOpenError', 'ERR_NOT_OPEN', 'the socket is not open and outbox is false; send after open')
  }
}

/** The socket reached `closed` before it opened. `cause` is what ended it, where something did. */
export class ClosedError extends EveropenError<'ERR_CLOSED'> {
  constructor(cause?: unknown) {
    super(
      'ClosedError',
      'ERR_CLOSED',
      'the socket is closed; unless its signal is aborted, connect() starts it again',
      cause,
    )
  }
}

/** How many, with their name. */
const many = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`

/**
 * `drain()` was given up; `messages` and `bytes` say what is left. `cause` is how the last attempt to connect ended, where
 * no connection is open.
 */
export class DrainError extends EveropenError<'ERR_DRAIN'> {
  /** Messages that wait in the outbox. */
  readonly messages: number
  /** Bytes of payload in the outbox, or held by the platform. */
  readonly bytes: number

  constructor(
    why: string,
    { messages, bytes }: { readonly messages: number; readonly bytes: number },
    hint = '',
    cause?: unknown,
  ) {
    super(
      'DrainError',
      'ERR_DRAIN',
      `${why}, and ${many(messages, 'message')} and ${many(bytes, 'byte')} are left${hint && `: ${hint}`}`,
      cause,
    )
    this.messages = messages
    this.bytes = bytes
  }
}

/** An async iteration held more messages than it may, on a platform socket that cannot be paused. */
export class SlowConsumerError extends EveropenError<'ERR_SLOW_CONSUMER'> {
  constructor(limit: number) {
    super(
      'SlowConsumerError',
      'ERR_SLOW_CONSUMER',
      `the iteration fell ${limit} messages behind; consume faster or use on('message')`,
    )
  }
}

/** A function that provides the URL, the protocols or the headers threw, rejected, or gave something unusable. */
export class ProviderError extends EveropenError<'ERR_PROVIDER'> {
  constructor(what: string, cause: unknown) {
    super('ProviderError', 'ERR_PROVIDER', `the ${what} provider failed`, cause)
  }
}

/**
 * The `hello` threw or rejected: the attempt is over, and `cause` is what it threw. Its `send` and `receive` fail with
 * the same class once the attempt is over.
 */
export class HelloError extends EveropenError<'ERR_HELLO'> {
  constructor(message = 'the hello failed', cause?: unknown) {
    super('HelloError', 'ERR_HELLO', message, cause)
  }
}

/** Providers, handshake and `hello` together took longer than `connectTimeout`. */
export class ConnectTimeoutError extends EveropenError<'ERR_CONNECT_TIMEOUT'> {
  constructor(timeout: number) {
    super('ConnectTimeoutError', 'ERR_CONNECT_TIMEOUT', `no connection within ${timeout} ms`)
  }
}

/** The connection was refused, reset, or dropped; `cause` is the platform's own error, where it gives one. */
export class ConnectionError extends EveropenError<'ERR_CONNECTION'> {
  constructor(message = 'the connection failed', cause?: unknown) {
    const { code } = (cause ?? {}) as { code?: unknown }
    // the system's own name for it, such as ECONNREFUSED: its texts may hold a host
    const named = typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code)
    super('ConnectionError', 'ERR_CONNECTION', named ? `${message} (${code})` : message, cause)
  }
}

/** The platform refuses to dial; `cause` is what it threw, such as a SecurityError for `ws:` in a page of `https:`. */
export class DialError extends EveropenError<'ERR_DIAL'> {
  constructor(cause: unknown) {
    super('DialError', 'ERR_DIAL', 'the platform refuses to dial; cause says why', cause)
  }
}

/**
 * The server answered the opening handshake with an HTTP status other than 101. Only Node can see it. Headers and body
 * are not enumerable: they may carry secrets, and errors get logged.
 */
export class HandshakeError extends EveropenError<'ERR_HANDSHAKE'> {
  /** The HTTP status. */
  readonly status: number
  /** The response's headers, names in lower case. */
  declare readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The beginning of the response's body, at most 4,096 bytes. */
  declare readonly body: string
  /** What `Retry-After` asks for, in ms; `undefined` without one. */
  readonly retryAfter: number | undefined

  constructor(
    status: number,
    headers: HandshakeError['headers'] = {},
    body = '',
    retryAfter: number | undefined = undefined,
    problem = '',
  ) {
    const message = `the server answered the handshake with HTTP ${status}`
    super('HandshakeError', 'ERR_HANDSHAKE', problem === '' ? message : `${message}: ${problem}`)
    this.status = status
    this.retryAfter = retryAfter
    Object.defineProperties(this, { headers: { value: headers }, body: { value: body } })
  }
}

/** The proxy did not connect to the server. Only Node can see it. */
export class ProxyError extends EveropenError<'ERR_PROXY'> {
  /** The HTTP status that it answered with, where it is an HTTP proxy and did answer. */
  readonly status: number | undefined

  constructor(message: string, status?: number, cause?: unknown) {
    super('ProxyError', 'ERR_PROXY', message, cause)
    this.status = status
  }
}

/** What was asked for needs a package that is optional, and is not installed. */
export class MissingPackageError extends EveropenError<'ERR_MISSING_PACKAGE'> {
  /** Its name: `npm install` it. */
  readonly package: string

  constructor(name: string, what: string, cause?: unknown) {
    super('MissingPackageError', 'ERR_MISSING_PACKAGE', `${what} needs ${name}: npm install ${name}`, cause)
    this.package = name
  }
}

/** The peer did not finish the closing handshake within `closeTimeout`; the connection was dropped. */
export class CloseTimeoutError extends EveropenError<'ERR_CLOSE_TIMEOUT'> {
  constructor(timeout: number) {
    super('CloseTimeoutError', 'ERR_CLOSE_TIMEOUT', `no closing handshake within ${timeout} ms`)
  }
}

/** The server closed with a code that makes dialing again pointless. */
export class CloseCodeError extends EveropenError<'ERR_CLOSE_CODE'> {
  /** The peer's close code. */
  readonly closeCode: number

  constructor(closeCode: number) {
    super(
      'CloseCodeError',
      'ERR_CLOSE_CODE',
      `the server closed with ${closeCode}, which is final unless retry.decide says otherwise`,
    )
    this.closeCode = closeCode
  }
}

/** Nothing was received within the heartbeat's timeout: the peer is taken for dead. */
export class HeartbeatError extends EveropenError<'ERR_HEARTBEAT'> {
  constructor(timeout: number) {
    super('HeartbeatError', 'ERR_HEARTBEAT', `the peer answered nothing for ${timeout} ms`)
  }
}

/** `retry.limit` or `retry.maxElapsed` is used up; `cause` is the last attempt's own error. */
export class RetryLimitError extends EveropenError<'ERR_RETRY_LIMIT'> {
  constructor(option: 'limit' | 'maxElapsed', cause?: unknown) {
    const last = cause instanceof EveropenError ? `; at last, ${cause.message}` : ''
    super('RetryLimitError', 'ERR_RETRY_LIMIT', `gave up: retry.${option} is used up${last}`, cause)
  }
}

/** What an attempt can fail with before it is open. */
export type AttemptError =
  | ProviderError
  | HelloError
  | MissingPackageError
  | ConnectTimeoutError
  | ConnectionError
  | DialError
  | ProxyError
  | HandshakeError
  | CloseCodeError
