/**
 * The state of a socket as seen from outside: the snapshot with its subscribers, and the promises `opened` and
 * `closed`.
 */
import { defer, type Deferred } from './deferred.js'
import { ClosedError } from '../diagnostics/errors.js'
import type { OpenDetail, Snapshot } from './events.js'
import type { End, State } from '../machine/state.js'
import { attempt } from '../diagnostics/report.js'
import { publicPart } from '../options/url.js'

/** The part of the sender that is needed. */
interface Queue {
  readonly size: number
  readonly bytes: number
}

export class Status {
  lastOpen: OpenDetail | undefined
  lastEnd: End | undefined
  readonly #queue: Queue
  /** The snapshot that subscribers last received, and whether a notification is pending: one per turn. */
  #told: Snapshot | undefined
  #notice: 'none' | 'due' = 'none'
  #url = ''
  #nextDialAt: number | undefined
  #state: State = { name: 'idle', id: 0 }
  #snapshot: Snapshot | undefined
  #watchers: Set<() => void> | undefined
  #opened: Deferred<OpenDetail> | undefined
  #closed: Deferred<End> | undefined
  /** Requested before the end that is being reported; a later request may follow a call of connect(). */
  #ending: Deferred<End> | undefined

  /** The target of the current or last attempt. */
  get url(): string {
    return this.#url
  }

  /** @param queue The outbox. */
  constructor(queue: Queue) {
    this.#queue = queue
  }

  get snapshot(): Snapshot {
    const state = this.#state
    const { size: queued, bytes: queuedBytes } = this.#queue
    if (this.#snapshot?.queued !== queued || this.#snapshot.queuedBytes !== queuedBytes)
      this.#snapshot = undefined
    return (this.#snapshot ??= Object.freeze({
      state: state.name,
      phase: state.name === 'connecting' ? state.phase : undefined,
      attempt: 'retries' in state ? state.retries : 0,
      endpoint: this.#url === '' ? undefined : publicPart(this.#url),
      nextDialAt: this.#nextDialAt,
      lastEnd: state.name === 'closed' ? state.end : this.lastEnd,
      queued,
      queuedBytes,
    }))
  }

  /** Settled by the next opening, or when no task is running and the socket is open or closed. */
  get nextOpened(): Promise<OpenDetail> {
    if (!this.#opened) {
      this.#opened = defer()
      // nobody may handle it, and an unhandled rejection would end the process
      this.#opened.promise.catch(() => {})
    }
    return this.#opened.promise
  }

  /** Settled by the next end, or when no task is running and the socket is closed. */
  get nextClosed(): Promise<End> {
    return (this.#closed ??= defer()).promise
  }

  subscribe(listener: () => void): () => void {
    // a new function each time, so that the same listener can subscribe twice
    const watcher = (): void => listener()
    const watchers = (this.#watchers ??= new Set())
    watchers.add(watcher)
    return () => watchers.delete(watcher)
  }

  /** The outbox may have changed. Subscribers are notified once, later in this turn. */
  noticeQueue(): void {
    if (this.#notice === 'due' || !this.#watchers?.size) return
    this.#notice = 'due'
    queueMicrotask(() => {
      this.#notice = 'none'
      // a change of the state may have notified them already
      if (this.snapshot !== this.#told) this.#tellWatchers()
    })
  }

  #tellWatchers(): void {
    if (!this.#watchers?.size) return
    this.#told = this.snapshot
    for (const watcher of [...this.#watchers]) attempt(watcher)
  }

  /** Records a new state, before its effects. */
  enter(state: State, nextDialAt: number | undefined): void {
    // a new run starts without the results of the last one
    if (this.#state.name === 'closed') this.lastEnd = undefined
    if (state.name === 'closed') {
      this.#ending = this.#closed
      this.#closed = undefined
    }
    this.#state = state
    this.#nextDialAt = nextDialAt
    this.#snapshot = undefined
  }

  dialing(url: string): void {
    this.#url = url
    this.#snapshot = undefined
  }

  /** After the effects. The promises come last: code that awaits one runs after all events. */
  settle(): void {
    const state = this.#state
    this.#tellWatchers()
    if (state.name === 'open') this.#resolveOpened()
    else if (state.name === 'closed') this.#ending?.resolve(state.end)
  }

  /** Called when no task is running: if the socket is closed now, no pending `connect()` will change that. */
  rest(): void {
    const state = this.#state
    if (state.name === 'open') this.#resolveOpened()
    if (state.name !== 'closed') return
    this.#closed?.resolve(state.end)
    this.#closed = undefined
    this.#opened?.reject(new ClosedError(state.end.cause))
    this.#opened = undefined
  }

  #resolveOpened(): void {
    this.#opened?.resolve(this.lastOpen!)
    this.#opened = undefined
  }
}
