/** Sessions in Redis, for any number of server processes. */
import { randomBytes } from 'node:crypto'
import type { RedisClientOptions } from 'redis'
import { sizeOf } from '../payload.js'
import type {
  Appended,
  Bounds,
  Claim,
  Credentials,
  Payload,
  Refusal,
  SessionRecord,
  SessionStore,
  StoredMessage,
  Wake,
} from '../store.js'
import { type Heartbeat, Link, type LinkListener } from './link.js'
import * as scripts from './scripts.js'

/** How long Redis remembers the last append of a writer, in ms: longer than any operation is retried. */
const MEMORY = 120_000

const refusals: Readonly<Record<number, Refusal>> = {
  [scripts.GONE]: 'gone',
  [scripts.FENCED]: 'fenced',
}

export class RedisStore implements SessionStore {
  readonly #link: Link
  readonly #prefix: string
  readonly #listeners = new Map<string, (wake: Wake) => void>()
  /** Identifies this process's writes. */
  readonly #writer = randomBytes(6).toString('base64url')
  #writes = 0
  /** The append in progress, per session: Redis remembers only one per writer, so the next must wait. */
  readonly #appends = new Map<string, Promise<unknown>>()

  constructor(options: RedisClientOptions, prefix: string, patience: number, heartbeat?: Heartbeat) {
    this.#prefix = prefix
    const tell = (wake: Wake): void => {
      for (const listener of this.#listeners.values()) listener(wake)
    }
    const listener: LinkListener = {
      returned: () => tell({ type: 'missed' }),
      failed: (error) => tell({ type: 'failed', error }),
    }
    this.#link = new Link(options, patience, listener, heartbeat)
  }

  async subscribe(owner: string, listener: (wake: Wake) => void): Promise<() => Promise<void>> {
    this.#listeners.set(owner, listener)
    const undo = await this.#link.subscribe(this.#channels + owner, (text) => {
      const wake = parseWake(text)
      if (wake) listener(wake)
    })
    return async () => {
      this.#listeners.delete(owner)
      await undo()
    }
  }

  async open(id: string, { tokenHash, identity }: Credentials, owner: string, lease: number): Promise<void> {
    await this.#link.run(scripts.open, [this.#hash(id)], [tokenHash, identity, owner, String(lease)])
  }

  async find(id: string): Promise<SessionRecord | undefined> {
    const command = ['HMGET', this.#hash(id), 'token', 'identity', 'received', 'trimmed', 'last']
    const answer = (await this.#link.ask(command)) as (Buffer | null)[]
    const [tokenHash, identity, received, delivered, last] = answer.map(String)
    if (answer.includes(null)) return undefined
    return {
      tokenHash: tokenHash!,
      identity: identity!,
      received: Number(received),
      delivered: Number(delivered),
      last: Number(last),
    }
  }

  async claim(id: string, owner: string, lease: number): Promise<Claim | undefined> {
    const answer = await this.#link.run(scripts.claim, this.#keys(id), [
      owner,
      String(lease),
      this.#channels,
      id,
    ])
    if (answer === scripts.GONE) return undefined
    const [epoch, received, delivered, last] = answer as [number, number, number, number]
    return { epoch, received, delivered, last }
  }

  append(
    id: string,
    messages: readonly Payload[],
    bounds: Bounds,
    epoch?: number,
  ): Promise<Appended | Refusal> {
    const before = this.#appends.get(id)
    const run = (): Promise<Appended | Refusal> => this.#append(id, messages, bounds, epoch)
    const append = before ? before.then(run, run) : run()
    this.#appends.set(id, append)
    const over = (): void => {
      if (this.#appends.get(id) === append) this.#appends.delete(id)
    }
    append.then(over, over)
    return append
  }

  async #append(
    id: string,
    messages: readonly Payload[],
    bounds: Bounds,
    epoch?: number,
  ): Promise<Appended | Refusal> {
    const head = [epoch ?? '', this.#channels, id, ++this.#writes, MEMORY, bounds.messages, bounds.bytes]
    const args: (string | Buffer)[] = head.map(String)
    for (const data of messages) {
      const text = typeof data === 'string'
      const size = String(sizeOf(data))
      args.push(
        text ? 't' : 'b',
        size,
        text ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength),
      )
    }
    const keys = [...this.#keys(id), `${this.#hash(id)}:writer:${this.#writer}`]
    const answer = await this.#link.run(scripts.append, keys, args)
    if (!Array.isArray(answer)) return refusals[answer as number]!
    const [last, count] = answer as [number, number]
    return { last, count }
  }

  async read(id: string, after: number, count: number): Promise<StoredMessage[]> {
    const [, stream] = this.#keys(id)
    const from = String(after + 1)
    const answer = await this.#link.ask(['XRANGE', stream, from, '+', 'COUNT', String(count)])
    return (answer as [Buffer, [Buffer, Buffer]][]).map(([entry, [kind, data]]) => ({
      number: Number.parseInt(entry.toString(), 10),
      data: kind.toString() === 't' ? data.toString() : data,
    }))
  }

  trim(id: string, epoch: number, to: number): Promise<Refusal | undefined> {
    return this.#refused(scripts.trim, id, [String(epoch), String(to)])
  }

  commit(id: string, epoch: number, received: number): Promise<Refusal | undefined> {
    return this.#refused(scripts.commit, id, [String(epoch), String(received)])
  }

  async renew(id: string, epoch: number, lease: number): Promise<number | Refusal> {
    const answer = await this.#link.run(scripts.renew, this.#keys(id), [String(epoch), String(lease)])
    return refusals[answer as number] ?? (answer as number)
  }

  end(id: string, epoch?: number): Promise<Refusal | undefined> {
    return this.#refused(scripts.end, id, [String(epoch ?? ''), this.#channels, id])
  }

  close(): void {
    this.#listeners.clear()
    this.#link.close()
  }

  async #refused(script: scripts.Script, id: string, args: string[]): Promise<Refusal | undefined> {
    return refusals[(await this.#link.run(script, this.#keys(id), args)) as number]
  }

  /** A hash tag: all keys of a session must be in the same slot of a cluster. */
  #hash(id: string): string {
    return `${this.#prefix}:{${id}}`
  }

  #keys(id: string): [hash: string, stream: string] {
    return [this.#hash(id), `${this.#hash(id)}:down`]
  }

  get #channels(): string {
    return `${this.#prefix}:node:`
  }
}

/** Parses a notification of the scripts: a word, an id, and sometimes a number. */
function parseWake(text: string): Wake | undefined {
  const [type, id = '', number] = text.split(' ')
  switch (type) {
    case 'appended':
      return { type, id, last: Number(number) }
    case 'fenced':
      return { type, id, epoch: Number(number) }
    case 'ended':
      return { type, id }
    default:
      return undefined
  }
}
