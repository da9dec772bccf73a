/**
 * Every error that everopen creates, one class per cause, each with a stable `code`:
 *
 *     EveropenError
 *     ├── InvalidArgumentError   ERR_INVALID_ARGUMENT   an invalid option or argument; thrown at once
 *     ├── CodecError             ERR_CODEC              a message that the `codec` cannot encode or decode
 *     ├── OutboxFullError        ERR_OUTBOX_FULL        thrown by send(): nothing was accepted
 *     ├── NotOpenError           ERR_NOT_OPEN           thrown by send() with `outbox: false`
 *     ├── ClosedError            ERR_CLOSED             `opened` rejects with it
 *     ├── DrainError             ERR_DRAIN              `drain()` failed with messages left
 *     ├── SlowConsumerError      ERR_SLOW_CONSUMER      an iteration fell behind and reading cannot be paused
 *     ├── ProviderError          ERR_PROVIDER           a function for the URL, the protocols, the headers, the cookie or the agent failed
 *     ├── HelloError             ERR_HELLO              `hello` failed, or was used after the attempt ended
 *     ├── ConnectTimeoutError    ERR_CONNECT_TIMEOUT    no connection within connectTimeout
 *     ├── ConnectionError        ERR_CONNECTION         the connection was refused, reset or lost
 *     ├── DialError              ERR_DIAL               the platform does not allow the connection, such as ws: from an https: page
 *     ├── HandshakeError         ERR_HANDSHAKE          the server answered the handshake with an HTTP status
 *     ├── ProxyError             ERR_PROXY              the proxy refused, gave no valid answer or is unreachable
 *     ├── MissingPackageError    ERR_MISSING_PACKAGE    a required optional package is not installed
 *     ├── CloseTimeoutError      ERR_CLOSE_TIMEOUT      no closing handshake within closeTimeout
 *     ├── CloseCodeError         ERR_CLOSE_CODE         the server closed with a final code
 *     ├── HeartbeatError         ERR_HEARTBEAT          the peer stopped answering
 *     └── RetryLimitError        ERR_RETRY_LIMIT        retry.limit or retry.maxElapsed was reached
 *
 * No message contains a URL, a header or a payload, because they may contain credentials.
 */

/** The base of all errors of this package. `code` is stable across releases; messages are not. */
export class EveropenError<Code extends string = string> extends Error {
  /** Stable identifier, `ERR_…`. TypeScript distinguishes the classes by it. */
  readonly code: Code

  constructor(name: string, code: Code, message: string, cause?: unknown) {
    // the production build has no messages
    super(message.trim() || code, cause === undefined ? undefined : { cause })
    Object.defineProperty(this, 'name', { value: name, configurable: true, writable: true })
    this.code = code
  }
}

/** An option or argument is invalid. Thrown at once, before anything is dialed. */
export class InvalidArgumentError extends EveropenError<'ERR_INVALID_ARGUMENT'> {
  /** The path of the invalid argument, such as `url`, `retry.limit` or `code`. */
  readonly argument: string

  constructor(argument: string, expected: string) {
    super('InvalidArgumentError', 'ERR_INVALID_ARGUMENT', `${argument} ${expected}`)
    this.argument = argument
  }
}

/** The `codec` could not encode a message (thrown by `send()`) or decode one (reported by `undecodable`). */
export class CodecError extends EveropenError<'ERR_CODEC'> {
  constructor(what: 'encoded' | 'decoded', cause: unknown) {
    super('CodecError', 'ERR_CODEC', `a message cannot be ${what}`, cause)
  }
}

/**
 * The outbox is full, including the platform's buffer of an open connection, and `overflow` is `'throw'`. The message
 * was not accepted.
 */
export class OutboxFullError extends EveropenError<'ERR_OUTBOX_FULL'> {
  constructor() {
    super(
      'OutboxFullError',
      'ERR_OUTBOX_FULL',
      'the outbox is full; wait for open, or for drain() if the peer reads slowly, raise outbox.maxMessages or outbox.maxBytes, or set outbox.overflow',
    )
  }
}

/** `send()` with `outbox: false` while no connection is open. The message was not accepted. */
export class NotOpenError extends EveropenError<'ERR_NOT_OPEN'> {
  constructor() {
    super('NotOpenError', 'ERR_NOT_OPEN', 'the socket is not open and outbox is false; send after open')
  }
}

/** The socket reached `closed` before it opened. `cause` is the error that ended it, if any. */
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

/** Messages and their bytes, or bytes alone. */
const amount = (messages: number, bytes: number): string =>
  messages ? `${many(messages, 'message')} (${many(bytes, 'byte')})` : many(bytes, 'byte')

/**
 * `drain()` failed; `messages` and `bytes` say how much is left. If no connection is open, `cause` is the error of the
 * last attempt.
 */
export class DrainError extends EveropenError<'ERR_DRAIN'> {
  /** Number of messages in the outbox. */
  readonly messages: number
  /** Bytes of payload in the outbox, and bytes in the platform's buffer, in Node with their frame headers. */
  readonly bytes: number

  constructor(
    why: string,
    { messages, bytes }: { readonly messages: number; readonly bytes: number },
    hint = '',
    cause?: unknown,
    done = 'sent',
  ) {
    super(
      'DrainError',
      'ERR_DRAIN',
      `${why} with ${amount(messages, bytes)} not ${done}${hint && `: ${hint}`}`,
      cause,
    )
    this.messages = messages
    this.bytes = bytes
  }
}

/** An async iteration exceeded `readAhead` on a platform where reading cannot be paused. */
export class SlowConsumerError extends EveropenError<'ERR_SLOW_CONSUMER'> {
  constructor(limit: number) {
    super(
      'SlowConsumerError',
      'ERR_SLOW_CONSUMER',
      `the iteration fell ${limit} messages behind; consume faster or use on('message')`,
    )
  }
}

/**
 * A function that provides the URL, the protocols, the headers, the cookie or the agent threw, rejected, or returned an
 * invalid value; `cause` is the exception.
 */
export class ProviderError extends EveropenError<'ERR_PROVIDER'> {
  constructor(what: string, cause: unknown) {
    super('ProviderError', 'ERR_PROVIDER', `the ${what} provider failed`, cause)
  }
}

/**
 * `hello` threw or rejected, and `cause` is the exception; the attempt has failed. Its `send` and `receive` also fail
 * with this class after the attempt has ended.
 */
export class HelloError extends EveropenError<'ERR_HELLO'> {
  constructor(message = 'the hello failed', cause?: unknown) {
    super('HelloError', 'ERR_HELLO', message, cause)
  }
}

/**
 * Providers, handshake and `hello` together took longer than `connectTimeout`. If only `hello` was still unfinished,
 * `cause` is a HelloError that says so.
 */
export class ConnectTimeoutError extends EveropenError<'ERR_CONNECT_TIMEOUT'> {
  constructor(timeout: number, cause?: HelloError) {
    super(
      'ConnectTimeoutError',
      'ERR_CONNECT_TIMEOUT',
      `no connection within ${timeout} ms (connectTimeout)`,
      cause,
    )
  }
}

/** The connection was refused, reset or lost; `cause` is the platform's error, if it reports one. */
export class ConnectionError extends EveropenError<'ERR_CONNECTION'> {
  constructor(message = 'the connection failed', cause?: unknown) {
    const { code } = (cause ?? {}) as { code?: unknown }
    // the system's error code, such as ECONNREFUSED; its message may contain a host
    const named = typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code)
    super('ConnectionError', 'ERR_CONNECTION', named ? `${message} (${code})` : message, cause)
  }
}

/** The platform does not allow the connection; `cause` is its error, such as a SecurityError for `ws:` in an `https:` page. */
export class DialError extends EveropenError<'ERR_DIAL'> {
  constructor(cause: unknown) {
    super('DialError', 'ERR_DIAL', 'the platform does not allow the connection; see cause', cause)
  }
}

/**
 * The server answered the opening handshake with an HTTP status other than 101. Only available in Node. Headers and
 * body are not enumerable, because they may contain secrets and errors are often logged.
 */
export class HandshakeError extends EveropenError<'ERR_HANDSHAKE'> {
  /** The HTTP status. */
  readonly status: number
  /** The response's headers, names in lower case. */
  declare readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The beginning of the response's body, at most 4,096 bytes. */
  declare readonly body: string
  /** The delay requested by `Retry-After`, in ms; `undefined` without that header. */
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

/** The proxy did not connect to the server. Only in Node. */
export class ProxyError extends EveropenError<'ERR_PROXY'> {
  /** The HTTP status of the proxy's response, if an HTTP proxy responded. */
  readonly status: number | undefined

  constructor(message: string, status?: number, cause?: unknown) {
    super('ProxyError', 'ERR_PROXY', message, cause)
    this.status = status
  }
}

/** A feature needs an optional package that is not installed. */
export class MissingPackageError extends EveropenError<'ERR_MISSING_PACKAGE'> {
  /** The package's name; `npm install` it. */
  readonly package: string

  constructor(name: string, what: string, cause?: unknown) {
    super('MissingPackageError', 'ERR_MISSING_PACKAGE', `${what} needs ${name}: npm install ${name}`, cause)
    this.package = name
  }
}

/** The peer did not finish the closing handshake within `closeTimeout`; the connection was dropped. */
export class CloseTimeoutError extends EveropenError<'ERR_CLOSE_TIMEOUT'> {
  constructor(timeout: number) {
    super(
      'CloseTimeoutError',
      'ERR_CLOSE_TIMEOUT',
      `no closing handshake within ${timeout} ms (closeTimeout)`,
    )
  }
}

/** The server closed with a final code: a retry would be pointless. */
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

/** Nothing was received within the heartbeat's timeout, so the peer is considered dead. */
export class HeartbeatError extends EveropenError<'ERR_HEARTBEAT'> {
  constructor(timeout: number) {
    super('HeartbeatError', 'ERR_HEARTBEAT', `the peer did not answer within ${timeout} ms`)
  }
}

/** `retry.limit` or `retry.maxElapsed` was reached; `cause` is the error of the last attempt. */
export class RetryLimitError extends EveropenError<'ERR_RETRY_LIMIT'> {
  constructor(option: 'limit' | 'maxElapsed', cause?: unknown) {
    super(
      'RetryLimitError',
      'ERR_RETRY_LIMIT',
      `gave up: retry.${option} was reached${cause instanceof EveropenError ? `; the last attempt: ${cause.message}` : ''}`,
      cause,
    )
  }
}

/** The errors of a failed attempt. */
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
