/** Validates options by name and completes them with defaults, before anything is dialed. */
import { InvalidArgumentError } from '../diagnostics/errors.js'
import type { NodeOptions } from './node-options.js'
import type {
  Endpoint,
  HeartbeatOptions,
  HintSource,
  Options,
  OutboxOptions,
  RetryOptions,
  WebSocketClass,
} from './options.js'
import { checkPayload, type Data, type Sendable } from '../delivery/payload.js'
import {
  abortSignal,
  age,
  boolean,
  callback,
  count,
  delay,
  duration,
  fields,
  having,
  isObject,
  number,
  object,
  oneOf,
  rule,
  type Rule,
  switchable,
  withDefaults,
} from './rules.js'
import { protocolProblem, resolveUrl } from './url.js'
import type { Codec } from './codec.js'
import type { Hello } from './hello.js'
import type { SendOptions } from '../delivery/sender.js'
import type { BackoffOptions } from './options.js'
import { utf8Length } from '../delivery/payload.js'
import type { OutboxSettings } from '../delivery/sender.js'
import type { BackoffType } from './options.js'
import type { AbortSignalLike, Provider } from './provider.js'

export interface RetrySettings {
  readonly backoff?: RetryOptions['backoff']
  readonly limit: number
  readonly maxElapsed: number
  readonly stableAfter: number
  readonly maxRetryAfter: number
  readonly decide?: RetryOptions['decide']
}

export interface HeartbeatSettings {
  readonly interval: number
  readonly timeout: number
  readonly message?: HeartbeatOptions['message']
  readonly isReply?: HeartbeatOptions['isReply']
}

export interface Settings {
  readonly url: Provider<Endpoint>
  readonly protocols?: Options['protocols']
  readonly autoConnect: boolean
  readonly retry: RetrySettings | undefined
  readonly hello?: Hello<Sendable, Data> | undefined
  readonly codec?: Codec<unknown, unknown> | undefined
  readonly connectTimeout: number
  readonly closeTimeout: number
  readonly heartbeat: HeartbeatSettings | undefined
  readonly outbox: OutboxSettings | undefined
  readonly binaryType: 'arraybuffer' | 'blob'
  readonly readAhead: number
  /** `undefined`: the platform's hints; `false`: none. */
  readonly hints: false | HintSource | undefined
  readonly log?: Options['log']
  readonly signal?: AbortSignalLike | undefined
  readonly WebSocket?: WebSocketClass | undefined
  readonly node: NodeOptions
}

/** The values of `retry.backoff`. */
export const backoffTypes: readonly BackoffType[] = [
  'exponential',
  'full',
  'equal',
  'decorrelated',
  'constant',
]

const backoffRule = fields<BackoffOptions>({
  type: oneOf(...backoffTypes),
  base: delay,
  factor: number(1, 1_000, 'a number'),
  cap: delay,
  floor: number(0, 1, 'a number'),
  ownBase: delay,
})

const sendable: Rule = (path, value) => {
  if (typeof value === 'function') return
  try {
    checkPayload(value)
  } catch {
    throw new InvalidArgumentError(path, 'must be a message or a function')
  }
}

/** How binary messages arrive. */
export const binaryType = oneOf('arraybuffer', 'blob')

const optionsRule = fields<Options>({
  protocols: (path, value) => {
    if (typeof value !== 'function') checkProtocols(path, value)
  },
  autoConnect: boolean,
  retry: switchable(
    fields<RetryOptions>({
      backoff(path, value) {
        if (typeof value === 'string') oneOf(...backoffTypes)(path, value)
        else if (typeof value !== 'function') backoffRule(path, value)
      },
      limit: count,
      maxElapsed: age,
      stableAfter: age,
      maxRetryAfter: delay,
      decide: callback,
    }),
  ),
  // the allowed values depend on the codec
  hello: () => {},
  codec: having('must have the functions encode and decode', 'encode', 'decode'),
  connectTimeout: duration,
  closeTimeout: duration,
  heartbeat: switchable(
    fields<HeartbeatOptions>({
      interval: duration,
      timeout: duration,
      message: sendable,
      isReply: callback,
    }),
  ),
  outbox: switchable(
    fields<OutboxOptions>({
      maxMessages: count,
      maxBytes: count,
      overflow: oneOf('throw', 'drop-oldest', 'drop-newest'),
      maxAge: age,
      highWaterMark: rule('must be a number above 0', (value) => typeof value === 'number' && value > 0),
    }),
  ),
  binaryType,
  readAhead: rule(
    'must be a whole number from 1',
    (value) => Number.isInteger(value) && (value as number) > 0,
  ),
  hints: switchable(callback),
  log: callback,
  signal: abortSignal,
  WebSocket: callback,
  node: object,
})

const retryDefaults: RetrySettings = {
  limit: Infinity,
  maxElapsed: Infinity,
  stableAfter: 5_000,
  maxRetryAfter: 300_000,
}
const heartbeatDefaults: HeartbeatSettings = {
  interval: 25_000,
  timeout: 10_000,
}
const outboxDefaults: OutboxSettings = {
  maxMessages: 1_000,
  maxBytes: 2 ** 20,
  overflow: 'throw',
  maxAge: Infinity,
  highWaterMark: 65_536,
  maxBuffered: 2 ** 24,
}
const noNode: NodeOptions = {}

function readOutbox(given: Options['outbox']): OutboxSettings {
  const settings = withDefaults(outboxDefaults, given)
  // an explicit limit applies to everything
  return isObject(given) && (given as OutboxOptions).maxBytes !== undefined
    ? { ...settings, maxBuffered: settings.maxBytes }
    : settings
}

/** Checks the constructor's arguments. Throws InvalidArgumentError, which names the invalid one. */
export function readSettings(
  url: Provider<Endpoint>,
  given: Options = {},
  schemes?: readonly string[],
): Settings {
  // the second argument of the platform's class
  if (!isObject(given))
    throw new InvalidArgumentError('options', 'must be an object; pass subprotocols as { protocols }')
  // used as they are checked: without inherited ones, and getters are read once
  const options = { ...given }
  // during server-side rendering there is no base URL, and nothing is dialed
  const base = options.autoConnect === false ? 'http://localhost/' : undefined
  if (typeof url !== 'function') checkEndpoint('url', url, schemes, base)
  optionsRule('options', options)
  if (options.codec === undefined && options.hello !== undefined) sendable('hello', options.hello)
  const { retry, heartbeat, outbox, hints } = options
  return {
    url,
    ...withDefaults<Omit<Settings, 'url' | 'hints' | 'retry' | 'heartbeat' | 'outbox'>>(
      {
        autoConnect: true,
        connectTimeout: 10_000,
        closeTimeout: 5_000,
        binaryType: 'arraybuffer',
        readAhead: 1_000,
        node: noNode,
      },
      options,
    ),
    hints: hints === true ? undefined : hints,
    retry: retry === false ? undefined : withDefaults(retryDefaults, retry),
    heartbeat: heartbeat === false ? undefined : withDefaults(heartbeatDefaults, heartbeat),
    outbox: outbox === false ? undefined : readOutbox(outbox),
  }
}

/**
 * The URLs of an endpoint, at least one. `schemes` are the platform's own; `base` replaces a document's. Throws
 * InvalidArgumentError.
 */
export function checkEndpoint(
  path: string,
  endpoint: unknown,
  schemes?: readonly string[],
  base?: string,
): [string, ...string[]] {
  const urls = (Array.isArray(endpoint) ? endpoint : [endpoint]).map((url) => {
    const resolved = resolveUrl(url, schemes, base)
    if ('problem' in resolved) throw new InvalidArgumentError(path, resolved.problem)
    return resolved.href
  })
  if (urls.length === 0) throw new InvalidArgumentError(path, 'must name at least one endpoint')
  return urls as [string, ...string[]]
}

/** Subprotocols as a list. Throws InvalidArgumentError. */
export function checkProtocols(path: string, protocols: unknown): readonly string[] | undefined {
  if (protocols === undefined) return undefined
  const list: unknown = typeof protocols === 'string' ? [protocols] : protocols
  if (!Array.isArray(list)) throw new InvalidArgumentError(path, 'must be a string or an array of strings')
  const problem = protocolProblem(list)
  if (problem !== undefined) throw new InvalidArgumentError(path, problem)
  return list as string[]
}

/** Close code and reason, by the rules of WHATWG WebSockets, "close(code, reason)". Throws InvalidArgumentError. */
export function checkClose(code: unknown, reason: unknown): void {
  if (
    code !== undefined &&
    code !== 1000 &&
    !(Number.isInteger(code) && (code as number) >= 3000 && (code as number) <= 4999)
  )
    throw new InvalidArgumentError('code', 'must be 1000 or from 3000 to 4999')
  if (reason === undefined) return
  if (typeof reason !== 'string' || utf8Length(reason) > 123)
    throw new InvalidArgumentError('reason', 'must be a string of at most 123 bytes in UTF-8')
  if (code === undefined) throw new InvalidArgumentError('reason', 'needs a code')
}

/** Options of `send()`. Throws InvalidArgumentError. */
export const checkSend: Rule = fields<SendOptions>({ maxAge: age, volatile: boolean })
