/** The command line, validated, with defaults applied and files read. */
import { readFileSync } from 'node:fs'
import type { HeartbeatOptions, RetryOptions } from '../index.js'
import { readInput } from './read-input.js'
import {
  bytes,
  credentials,
  duration,
  headers,
  headerValue,
  oneOf,
  positive,
  serverCloseCode,
  wait,
  whole,
} from './parse.js'
import type { Given } from './program.js'
import { UsageError } from './usage-error.js'
import type { BackoffOptions } from '../options/options.js'
import { backoffTypes } from '../options/settings.js'

/** How to report. */
export interface Voice {
  readonly json: boolean
  /** `base64`: binary messages are written as base64; `raw`: messages are written without additions. */
  readonly base64: boolean
  readonly raw: boolean
  /** -1 for errors only; 0; 1 for -v; 2 for -vv. */
  readonly verbosity: number
  readonly colour: boolean
}

export interface Tls {
  readonly ca?: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
  readonly passphrase?: string
  readonly servername?: string
  readonly insecure?: true
}

export interface ConnectConfig extends Voice {
  readonly urls: readonly string[]
  readonly protocols: readonly string[]
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly cookie?: string
  readonly origin?: string
  /** `name:password`. */
  readonly auth?: string
  readonly proxy?: string
  readonly tls: Tls
  readonly compression: boolean
  readonly maxPayload?: number
  readonly connectTimeout?: number
  readonly closeTimeout?: number
  readonly heartbeat: false | HeartbeatOptions
  readonly retry: false | RetryOptions
  /** How lines are converted to messages. */
  readonly encoding: 'text' | 'binary' | 'base64'
  /** Messages to send instead of the input. */
  readonly execute?: readonly string[]
  /** Sent first on each connection. */
  readonly hello?: readonly string[]
  /** Time limit for sending the rest at the end, in ms. Default: none at the end of input, and 0 after an interrupt. */
  readonly drain?: number
  /** A session with `everopen/server`; with a file, kept between runs. */
  readonly session?: { readonly file?: string }
  /** How long to receive after the last message, in ms. */
  readonly linger: number
  readonly timings: boolean
  readonly showPings: boolean
}

export interface ListenConfig extends Voice {
  readonly port: number
  readonly address: string
  readonly tls: Tls
  /** Number of messages after which each connection is closed. */
  readonly closeEvery?: number
  readonly closeCode: number
  readonly silent: boolean
  readonly maxPayload?: number
}

/** Options for use with --listen. */
const ofServer: readonly (keyof Given)[] = [
  ...([
    'listen',
    'bind',
    'closeEvery',
    'closeCode',
    'silent',
    'cert',
    'key',
    'passphrase',
    'maxPayload',
  ] as const),
  ...(['json', 'base64', 'raw', 'verbose', 'quiet', 'color'] as const),
]

/** A property, or nothing if there is no value. */
function optional<K extends string, T, U>(name: K, value: T | undefined, read: (value: T) => U) {
  return (value === undefined ? {} : { [name]: read(value) }) as { readonly [P in K]?: U }
}

const same = <T>(value: T): T => value

export function connectConfig(urls: readonly string[], given: Given): ConnectConfig {
  for (const [name, value] of Object.entries({
    '--bind': given.bind,
    '--close-every': given.closeEvery,
    '--close-code': given.closeCode,
    '--silent': given.silent,
  }))
    if (value !== undefined) throw new UsageError(`${name} needs --listen`)
  if (urls.length === 0) throw new UsageError('a URL is missing, such as wss://example.test')
  const session = given.session === true || given.sessionFile !== undefined
  if (session && given.hello)
    throw new UsageError('--hello cannot be used with --session, which has its own hello; use --header')
  const lines = (given.header ?? []).flatMap((line) =>
    headers(
      '--header',
      secret('--header', line)
        .split(/\r?\n/)
        .filter((each) => each !== ''),
    ),
  )
  if (given.auth !== undefined && lines.some(([name]) => name.toLowerCase() === 'authorization'))
    throw new UsageError('--auth cannot be used together with a header Authorization')
  if (given.binary && given.base64) throw new UsageError('--binary and --base64 cannot be used together')
  const ms = (option: string) => (text: string) => positive(option, text)
  return {
    ...voice(given),
    urls,
    protocols: given.subprotocol ?? [],
    headers: lines,
    ...optional('cookie', given.cookie, (text) => headerValue('--cookie', secret('--cookie', text))),
    ...optional('origin', given.origin, (text) => headerValue('--origin', text)),
    ...optional('auth', given.auth, (text) => credentials('--auth', secret('--auth', text))),
    ...optional('proxy', given.proxy, same),
    tls: tls(given),
    compression: given.compression,
    ...optional('maxPayload', given.maxPayload, (text) => bytes('--max-payload', text)),
    ...optional('connectTimeout', given.connectTimeout, ms('--connect-timeout')),
    ...optional('closeTimeout', given.closeTimeout, ms('--close-timeout')),
    heartbeat: given.heartbeat !== false && {
      ...optional('interval', given.heartbeat, ms('--heartbeat')),
      ...optional('timeout', given.heartbeatTimeout, ms('--heartbeat-timeout')),
    },
    retry: given.retry && {
      backoff: backoff(given),
      ...optional('limit', given.retryLimit, (text) => whole('--retry-limit', text)),
      ...optional('maxElapsed', given.retryFor, (text) => duration('--retry-for', text)),
    },
    encoding: given.binary ? 'binary' : given.base64 ? 'base64' : 'text',
    ...optional('execute', given.execute, same),
    ...optional('hello', given.hello, (all) => all.map((text) => secret('--hello', text))),
    ...optional('drain', given.drain, (text) => duration('--drain', text)),
    ...(session && { session: { ...optional('file', given.sessionFile, same) } }),
    linger: given.execute ? wait('--wait', given.wait ?? '2') : wait('--eof-wait', given.eofWait ?? '0'),
    timings: given.timings === true,
    showPings: given.showPingPong === true,
  }
}

export function listenConfig(urls: readonly string[], given: Given): ListenConfig {
  if (urls.length > 0) throw new UsageError('--listen does not take a URL')
  for (const [name, value] of Object.entries(given))
    // for --no-… options, true means that they were not given
    if (!ofServer.includes(name as keyof Given) && !(value === true && name in { retry: 0, compression: 0 }))
      throw new UsageError(
        `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} cannot be used with --listen`,
      )
  if (given.closeCode !== undefined && given.closeEvery === undefined)
    throw new UsageError('--close-code needs --close-every')
  if (!given.cert !== !given.key) throw new UsageError('--cert and --key must be used together')
  return {
    ...voice(given),
    port: whole('--listen', given.listen!, 65_535),
    address: given.bind ?? '127.0.0.1',
    tls: tls(given),
    ...optional('closeEvery', given.closeEvery, (text) => whole('--close-every', text)),
    closeCode: serverCloseCode('--close-code', given.closeCode ?? '1001'),
    silent: given.silent === true,
    ...optional('maxPayload', given.maxPayload, (text) => bytes('--max-payload', text)),
  }
}

function voice(given: Given): Voice {
  if (given.json && given.raw) throw new UsageError('--json and --raw cannot be used together')
  return {
    json: given.json === true,
    base64: given.base64 === true,
    raw: given.raw === true,
    verbosity: given.quiet ? -1 : given.verbose,
    colour: given.color,
  }
}

function backoff(given: Given): BackoffOptions {
  return {
    ...optional('type', given.backoff, (text) => oneOf('--backoff', text, backoffTypes)),
    ...optional('base', given.backoffBase, (text) => duration('--backoff-base', text)),
    ...optional('cap', given.backoffCap, (text) => duration('--backoff-cap', text)),
  }
}

function tls(given: Given): Tls {
  return {
    ...optional('ca', given.ca, (file) => read('--ca', file)),
    ...optional('cert', given.cert, (file) => read('--cert', file)),
    ...optional('key', given.key, (file) => read('--key', file)),
    ...optional('passphrase', given.passphrase, (text) => secret('--passphrase', text)),
    ...optional('servername', given.servername, same),
    ...optional('insecure', given.insecure, same),
  }
}

/** The text, or the content of the file named after an `@`: other users can see a process's arguments. */
function secret(option: string, text: string): string {
  if (!text.startsWith('@')) return text
  return read(option, text.slice(1)).toString().trimEnd()
}

function read(option: string, file: string): Buffer {
  try {
    return file === '-' ? readInput() : readFileSync(file)
  } catch (error) {
    throw new UsageError(`${option}: the file cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}
