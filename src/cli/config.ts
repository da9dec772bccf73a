/** What the command line means: checked, completed and with its files read. */
import { readFileSync } from 'node:fs'
import type { HeartbeatOptions, RetryOptions } from '../index.js'
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

/** How the world is told. */
export interface Voice {
  readonly json: boolean
  /** `base64`: binary messages are written so; `raw`: nothing is added to any message. */
  readonly base64: boolean
  readonly raw: boolean
  /** -1 for nothing but errors; 0; 1 for -v; 2 for -vv. */
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
  /** How lines become messages. */
  readonly encoding: 'text' | 'binary' | 'base64'
  /** Messages in place of the input. */
  readonly execute?: readonly string[]
  /** Sent first on each connection. */
  readonly hello?: readonly string[]
  /** Longest time to send what waits at the end, in ms; without it, at the end of input as long as it takes, and after an interrupt none. */
  readonly drain?: number
  /** A session with `everopen/server`; with a file, it is kept there between runs. */
  readonly session?: { readonly file?: string }
  /** How long to go on receiving after the last message, in ms. */
  readonly linger: number
  readonly timings: boolean
  readonly showPings: boolean
}

export interface ListenConfig extends Voice {
  readonly port: number
  readonly address: string
  readonly tls: Tls
  /** Messages of one connection until it is closed. */
  readonly closeEvery?: number
  readonly closeCode: number
  readonly silent: boolean
  readonly maxPayload?: number
}

/** What --listen goes with. */
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

/** A property, where there is something to put into it. */
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
  if (urls.length === 0) throw new UsageError('a URL is missing, like wss://example.test')
  const session = given.session === true || given.sessionFile !== undefined
  if (session && given.hello)
    throw new UsageError('--hello does not go with --session, which has a greeting of its own; try --header')
  if (given.binary && given.base64) throw new UsageError('--binary and --base64 exclude each other')
  const ms = (option: string) => (text: string) => positive(option, text)
  return {
    ...voice(given),
    urls,
    protocols: given.subprotocol ?? [],
    headers: (given.header ?? []).flatMap((line) =>
      headers(
        '--header',
        secret('--header', line)
          .split(/\r?\n/)
          .filter((each) => each !== ''),
      ),
    ),
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
  if (urls.length > 0) throw new UsageError('--listen takes no URL')
  for (const [name, value] of Object.entries(given))
    // true is what a --no-… option is without being given
    if (!ofServer.includes(name as keyof Given) && !(value === true && name in { retry: 0, compression: 0 }))
      throw new UsageError(
        `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} does not go with --listen`,
      )
  if (given.closeCode !== undefined && given.closeEvery === undefined)
    throw new UsageError('--close-code needs --close-every')
  if (!given.cert !== !given.key) throw new UsageError('--cert and --key go together')
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
  if (given.json && given.raw) throw new UsageError('--json and --raw exclude each other')
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

/** The text itself, or what is in the file named after an `@`: other users can see a process's arguments. */
function secret(option: string, text: string): string {
  if (!text.startsWith('@')) return text
  return read(option, text.slice(1)).toString().trimEnd()
}

function read(option: string, file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file)
  } catch (error) {
    throw new UsageError(`${option}: the file cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}
