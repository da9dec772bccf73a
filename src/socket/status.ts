/** What a socket says of itself beside its events: the snapshot and those who watch it, and the two promises. */
import { defer, type Deferred } from './deferred.js'
import { ClosedError } from '../diagnostics/errors.js'
import type { OpenDetail, Snapshot } from './events.js'
import type { End, State } from '../machine/state.js'
import { attempt } from '../diagnostics/report.js'
import { publicPart } from '../options/url.js'

/** A promise that was asked for and is awaited by nobody must not end the process. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

/** The part of the sender that is looked at. */
interface Queue {
  readonly size: number
  readonly bytes: number
}

export class Status {
  lastOpen: OpenDetail | undefined
  lastEnd: End | undefined
  readonly #queue: Queue
  /** What the watchers were last told of, and whether they are to be told: once for all that happens in one turn. */
  #told: Snapshot | undefined
  #notice: 'none' | 'due' = 'none'
  #url = ''
  #nextDialAt: number | undefined
  #state: State = { name: 'idle', id: 0 }
  #snapshot: Snapshot | undefined
  #watchers: Set<() => void> | undefined
  #opened: Deferred<OpenDetail> | undefined
  #closed: Deferred<End> | undefined
  /** Asked for before the end that is being told; who asks meanwhile may have called connect(). */
  #ending: Deferred<End> | undefined

  /** Of the current or last attempt, as dialed. */
  get url(): string {
    return this.#url
  }

  /** @param queue What waits for a connection. */
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

  get opened(): Promise<OpenDetail> {
    const state = this.#state
    if (state.name === 'open') return Promise.resolve(this.lastOpen!)
    return state.name === 'closed'
      ? handled(Promise.reject(new ClosedError(state.end.cause)))
      : this.nextOpened
  }

  /** Settled by the next opening, or when the socket is at rest and open or closed. */
  get nextOpened(): Promise<OpenDetail> {
    if (!this.#opened) {
      this.#opened = defer()
      void handled(this.#opened.promise)
    }
    return this.#opened.promise
  }

  /** Whether somebody awaits the opening. */
  get awaited(): boolean {
    return this.#opened !== undefined
  }

  get closed(): Promise<End> {
    const state = this.#state
    return state.name === 'closed' ? Promise.resolve(state.end) : this.nextClosed
  }

  /** Settled by the next end, or when the socket is at rest and closed. */
  get nextClosed(): Promise<End> {
    return (this.#closed ??= defer()).promise
  }

  subscribe(listener: () => void): () => void {
    // a function of its own each time: the same listener may subscribe twice
    const watcher = (): void => listener()
    const watchers = (this.#watchers ??= new Set())
    watchers.add(watcher)
    return () => watchers.delete(watcher)
  }

  /** The queue may have changed. Its watchers are told later in this turn, however often that is. */
  noticeQueue(): void {
    if (this.#notice === 'due' || !this.#watchers?.size) return
    this.#notice = 'due'
    queueMicrotask(() => {
      this.#notice = 'none'
      // it may have been told already, with a change of the state
      if (this.snapshot !== this.#told) this.#tellWatchers()
    })
  }

  #tellWatchers(): void {
    if (!this.#watchers?.size) return
    this.#told = this.snapshot
    for (const watcher of [...this.#watchers]) attempt(watcher)
  }

  /** A new state, before its effects. */
  enter(state: State, nextDialAt: number | undefined): void {
    // a new run knows nothing of the last one
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

  /** After its effects. The promises come last: whoever awaits one finds all events told. */
  settle(): void {
    const state = this.#state
    this.#tellWatchers()
    if (state.name === 'open') this.#resolveOpened()
    else if (state.name === 'closed') this.#ending?.resolve(state.end)
  }

  /** When nothing is under way any more: closed now is closed, and no `connect()` is to follow. */
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
