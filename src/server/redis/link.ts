/** The connection to Redis: opened on first use, reopened when lost; operations wait for it. */
import { createRequire } from 'node:module'
import type * as Redis from 'redis'
import type { RedisClientOptions } from 'redis'
import { MissingPackageError } from '../../diagnostics/errors.js'
import { StoreUnavailableError } from '../errors.js'
import { GONE, type Script } from './scripts.js'

/** Shortest and longest pause before another attempt, in ms. */
const LEAST = 50
const MOST = 2_000

/** How often a connection is checked, in ms, and the time limit for the answer. */
export interface Heartbeat {
  readonly interval: number
  readonly timeout: number
}

/** All but temporary errors: Redis loads its data, fails over, moves slots, or is blocked by a script. */
const lasting = /^(?!(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|NOREPLICAS)\b)/

type Client = ReturnType<typeof connect>

/** In a `try`, so that bundlers treat it as optional. */
function loadRedis(): typeof Redis {
  try {
    return createRequire(import.meta.url)('redis') as typeof Redis
  } catch (cause) {
    throw new MissingPackageError('redis', 'a store in Redis', cause)
  }
}

/** @param socketTimeout For a handshake that is not answered: later there are pings. */
function connect(options: RedisClientOptions, socketTimeout: number) {
  const { createClient, RESP_TYPES } = loadRedis()
  return createClient({
    ...options,
    // operations that cannot be sent now must not be sent later without our knowledge
    disableOfflineQueue: true,
    socket: {
      socketTimeout,
      ...options.socket,
      reconnectStrategy: (retries: number) =>
        Math.min(MOST, LEAST * 2 ** Math.min(retries, 10)) * (0.5 + Math.random() / 2),
    } as NonNullable<RedisClientOptions['socket']>,
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  })
}

export interface LinkListener {
  /** The connection was lost and is back; notifications may have been missed. */
  returned(): void
  failed(error: unknown): void
}

export class Link {
  readonly #client: Client
  readonly #subscriber: Client
  readonly #patience: number
  readonly #ready = new Set<() => void>()
  readonly #pings: NodeJS.Timeout[]
  #connected: Promise<unknown> | undefined

  /** @param patience How long an operation is retried, in ms. */
  constructor(
    options: RedisClientOptions,
    patience: number,
    listener: LinkListener,
    { interval, timeout }: Heartbeat = { interval: 3_000, timeout: 5_000 },
  ) {
    this.#patience = patience
    this.#client = connect(options, interval + timeout)
    this.#subscriber = connect(options, interval + timeout)
    this.#pings = [this.#client, this.#subscriber].map((client) => {
      client.on('error', (error) => listener.failed(error))
      // one that was being made when it was closed is not destroyed with it, but by `socketTimeout`
      client.on('connect', () => client.isOpen || client.unref())
      return setInterval(() => revive(client, timeout), interval).unref()
    })
    this.#client.on('ready', () => {
      for (const wake of this.#ready) wake()
    })
    let connections = 0
    // it has subscribed again by then
    this.#subscriber.on('ready', () => connections++ > 0 && listener.returned())
  }

  /** Resolves once it is done, however long Redis is unreachable. */
  async subscribe(channel: string, listener: (text: string) => void): Promise<() => Promise<void>> {
    await this.#connect()
    const client = this.#subscriber
    const subscribe = async (): Promise<void> => {
      // it would wait, for ever where it is closed
      if (!client.isReady) throw new StoreUnavailableError()
      await client.subscribe(channel, listener)
    }
    await this.#try(subscribe, client, Infinity)
    return () => client.unsubscribe(channel, listener)
  }

  /** Runs a script, and repeats it while Redis is unreachable. The script must tolerate being run twice. */
  async run(script: Script, keys: string[], args: (string | Buffer)[]): Promise<unknown> {
    const answer = await this.#try(async () => {
      try {
        return await this.#client.evalSha(script.sha, { keys, arguments: args })
      } catch (error) {
        if (!says(error, /^NOSCRIPT/)) throw error
        return this.#client.eval(script.source, { keys, arguments: args })
      }
    })
    // whoever ended the session has said so on the other connection: that is heard first
    if (answer === GONE) await Promise.allSettled([this.#subscriber.ping()])
    return answer
  }

  /** The same for a plain command that changes nothing. */
  ask(command: string[]): Promise<unknown> {
    return this.#try(() => this.#client.sendCommand(command))
  }

  close(): void {
    for (const ping of this.#pings) clearInterval(ping)
    if (!this.#connected) return
    for (const client of [this.#client, this.#subscriber]) if (client.isOpen) client.destroy()
    for (const wake of this.#ready) wake()
  }

  #connect(): Promise<unknown> {
    return (this.#connected ??= Promise.allSettled([this.#client.connect(), this.#subscriber.connect()]))
  }

  async #try<T>(operation: () => Promise<T>, client = this.#client, patience = this.#patience): Promise<T> {
    void this.#connect()
    const deadline = performance.now() + patience
    for (let pause = LEAST; ; pause = Math.min(MOST, pause * 2)) {
      try {
        return await operation()
      } catch (error) {
        if (says(error, lasting)) throw error
        const left = deadline - performance.now()
        if (left <= 0 || !client.isOpen) throw new StoreUnavailableError(error)
        await this.#wait(Math.min(left, pause))
      }
    }
  }

  /** Waits for the connection, at most `ms`. */
  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const over = (): void => {
        clearTimeout(timer)
        this.#ready.delete(over)
        resolve()
      }
      const timer = setTimeout(over, ms)
      this.#ready.add(over)
    })
  }
}

/** Replaces a connection that no longer answers. A TCP socket's timeout would not work: each write restarts it. */
function revive(client: Client, timeout: number): void {
  if (!client.isReady) return
  const verdict = setTimeout(() => {
    client.destroy()
    void Promise.allSettled([client.connect()])
  }, timeout)
  const answered = (): void => clearTimeout(verdict)
  client.ping().then(answered, answered)
}

const says = (error: unknown, words: RegExp): boolean =>
  error instanceof loadRedis().ErrorReply && words.test(error.message)
