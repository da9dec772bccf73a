/** The default store: this process's memory. Sessions survive their connections but not the process. */
import { type Clock, systemClock, type Timer } from '../time/clock.js'
import { inBackground } from './background.js'
import { sizeOf } from './payload.js'
import type {
  Appended,
  Bounds,
  Claim,
  Credentials,
  Payload,
  Progress,
  Refusal,
  SessionRecord,
  SessionStore,
  StoredMessage,
  Wake,
} from './store.js'

/** Shortest interval between two checks for expired sessions, in ms. */
const SWEEP = 1_000

interface Held {
  readonly id: string
  readonly credentials: Credentials
  owner: string
  epoch: number
  received: number
  /** Messages that the client has not acknowledged. Those before `start` are removed once they are the majority. */
  messages: Payload[]
  start: number
  last: number
  bytes: number
  expires: number
  /** The next check for expiry that includes it. */
  sweep: number
}

/**
 * Returns a store that keeps sessions in the memory of this process. Several servers in the process can share it.
 * @param clock For tests.
 */
export function memoryStore(clock: Clock = systemClock): SessionStore {
  return new MemoryStore(clock)
}

class MemoryStore implements SessionStore {
  readonly #clock: Clock
  readonly #sessions = new Map<string, Held>()
  readonly #listeners = new Map<string, (wake: Wake) => void>()
  /** Sessions by the next check that includes them; after a renewal they are moved when that check runs. */
  readonly #sweeps = new Map<number, Set<Held>>()
  #timer: Timer

  constructor(clock: Clock) {
    this.#clock = clock
  }

  subscribe(owner: string, listener: (wake: Wake) => void): () => void {
    this.#listeners.set(owner, listener)
    return () => void this.#listeners.delete(owner)
  }

  open(id: string, credentials: Credentials, owner: string, lease: number): void {
    const session: Held = {
      id,
      credentials,
      owner,
      epoch: 1,
      received: 0,
      messages: [],
      start: 0,
      last: 0,
      bytes: 0,
      expires: this.#clock.now() + lease,
      sweep: 0,
    }
    this.#sessions.set(id, session)
    this.#plan(session)
  }

  find(id: string): SessionRecord | undefined {
    const session = this.#get(id)
    return session && { ...session.credentials, ...progress(session) }
  }

  claim(id: string, owner: string, lease: number): Claim | undefined {
    const session = this.#get(id)
    if (!session) return undefined
    const before = session.owner
    session.owner = owner
    const epoch = ++session.epoch
    session.expires = this.#clock.now() + lease
    if (before !== owner) this.#tell(before, { type: 'fenced', id, epoch })
    return { epoch, ...progress(session) }
  }

  append(id: string, messages: readonly Payload[], bounds: Bounds, epoch?: number): Appended | Refusal {
    const session = this.#owned(id, epoch)
    if (typeof session === 'string') return session
    let room = 0
    for (const data of messages) {
      const bytes = session.bytes + sizeOf(data)
      if (count(session) >= bounds.messages || bytes > bounds.bytes) break
      session.messages.push(data)
      session.bytes = bytes
      room++
    }
    const last = (session.last += room)
    if (epoch === undefined && room > 0) this.#tell(session.owner, { type: 'appended', id, last })
    return { last, count: room }
  }

  read(id: string, after: number, limit: number): StoredMessage[] {
    const session = this.#get(id)
    if (!session) return []
    const first = session.last - count(session) + 1
    const from = Math.max(after + 1, first)
    const at = session.start + from - first
    return session.messages.slice(at, at + limit).map((data, i) => ({ number: from + i, data }))
  }

  trim(id: string, epoch: number, to: number): Refusal | undefined {
    const session = this.#owned(id, epoch)
    if (typeof session === 'string') return session
    const { messages } = session
    for (let left = to - (session.last - count(session)); left > 0 && count(session) > 0; left--) {
      session.bytes -= sizeOf(messages[session.start]!)
      messages[session.start++] = ''
    }
    if (session.start * 2 >= messages.length) {
      messages.splice(0, session.start)
      session.start = 0
    }
    return undefined
  }

  commit(id: string, epoch: number, received: number): Refusal | undefined {
    const session = this.#owned(id, epoch)
    if (typeof session === 'string') return session
    session.received = Math.max(session.received, received)
    return undefined
  }

  renew(id: string, epoch: number, lease: number): number | Refusal {
    const session = this.#owned(id, epoch)
    if (typeof session === 'string') return session
    session.expires = this.#clock.now() + lease
    return session.last
  }

  end(id: string, epoch?: number): Refusal | undefined {
    const session = this.#owned(id, epoch)
    if (typeof session === 'string') return session
    this.#forget(session)
    if (epoch === undefined) this.#tell(session.owner, { type: 'ended', id })
    return undefined
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#sessions.clear()
    this.#sweeps.clear()
    this.#listeners.clear()
  }

  #get(id: string): Held | undefined {
    const session = this.#sessions.get(id)
    return session && session.expires > this.#clock.now() ? session : undefined
  }

  #owned(id: string, epoch: number | undefined): Held | 'gone' | 'fenced' {
    const session = this.#get(id)
    if (!session) return 'gone'
    return epoch === undefined || epoch === session.epoch ? session : 'fenced'
  }

  /** Never notifies within the call that causes it, just as an external store could not. */
  #tell(owner: string, wake: Wake): void {
    queueMicrotask(() => this.#listeners.get(owner)?.(wake))
  }

  #forget(session: Held): void {
    this.#sessions.delete(session.id)
    this.#sweeps.get(session.sweep)?.delete(session)
  }

  #plan(session: Held): void {
    session.sweep = Math.ceil(session.expires / SWEEP)
    const planned = this.#sweeps.get(session.sweep)
    if (planned) planned.add(session)
    else this.#sweeps.set(session.sweep, new Set([session]))
    this.#timer ??= this.#wait()
  }

  #wait(): Timer {
    return inBackground(this.#clock, () => this.#sweep(), SWEEP)
  }

  #sweep(): void {
    const now = this.#clock.now()
    for (const [sweep, sessions] of this.#sweeps) {
      if (sweep * SWEEP > now) continue
      this.#sweeps.delete(sweep)
      for (const session of sessions) {
        if (session.expires <= now) this.#sessions.delete(session.id)
        else this.#plan(session)
      }
    }
    this.#timer = this.#sweeps.size > 0 ? this.#wait() : undefined
  }
}

const count = ({ messages, start }: Held): number => messages.length - start

function progress(session: Held): Progress {
  const { received, last } = session
  return { received, delivered: last - count(session), last }
}
