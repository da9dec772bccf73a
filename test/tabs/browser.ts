/** A browser in miniature: locks, channels and sockets of several tabs, each of which can sleep, stall or crash. */
import type { Scope } from '../../src/tabs/scope.js'
import type { Data } from '../../src/delivery/payload.js'
import { SimClock, settled } from '../sim/clock.js'
import { FakeWebSocket } from '../sim/websocket.js'

interface Grant {
  readonly name: string
  readonly page: Page
  readonly callback: (lock: unknown) => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

const abortError = (): Error => new DOMException('the lock was taken', 'AbortError')

/** One connection to a server that does what a test says. */
export class FakeSocket extends FakeWebSocket {
  static readonly made: FakeSocket[] = []
  closed: unknown[] | undefined
  /** Bytes that are held of each message. */
  holds = 0

  constructor(
    readonly url: string,
    readonly protocols: string[] = [],
  ) {
    super()
    if (url.includes('refuse')) throw new Error('refused')
    FakeSocket.made.push(this)
  }

  open(protocol = ''): void {
    this.protocol = protocol
    this.onopen?.()
  }

  say(data: unknown): void {
    this.onmessage?.({ data: data as Data })
  }

  override send(data: unknown): void {
    super.send(data)
    this.bufferedAmount += this.holds
  }

  override close(...given: unknown[]): void {
    this.closed ??= given
  }

  end(code = 1006, reason = '', wasClean = false): void {
    this.onclose?.({ code, reason, wasClean })
  }
}

export class FakeBrowser {
  readonly clock = new SimClock()
  readonly pages: Page[] = []
  readonly held = new Map<string, Grant>()
  readonly waiting: Grant[] = []
  readonly words: unknown[] = []
  /** What the lock manager throws at everybody. */
  refuses: Error | undefined

  page(): Page {
    const page = new Page(this)
    this.pages.push(page)
    return page
  }

  /** Lets time pass. */
  async pass(ms = 0): Promise<void> {
    await this.clock.advance(ms)
    await settled()
  }

  grant(name: string): void {
    if (this.held.has(name)) return
    const index = this.waiting.findIndex((one) => one.name === name)
    const [next] = index < 0 ? [] : this.waiting.splice(index, 1)
    if (next) this.give(next)
  }

  give(grant: Grant): void {
    this.held.set(grant.name, grant)
    grant.page.task(() => {
      void Promise.resolve(grant.callback({})).then((value) => {
        if (this.held.get(grant.name) === grant) this.held.delete(grant.name)
        grant.resolve(value)
        this.grant(grant.name)
      })
    })
  }
}

export class Page {
  readonly channels = new Set<{ name: string; onmessage: ((event: { data: unknown }) => void) | null }>()
  readonly scope: Scope
  readonly #listeners: { type: string; listener: () => void; signal: AbortSignal | undefined }[] = []
  #asleep: (() => void)[] | undefined
  #dead = false

  constructor(readonly browser: FakeBrowser) {
    this.scope = scopeOf(this, browser)
  }

  listen(type: string, listener: () => void, signal: AbortSignal | undefined): void {
    this.#listeners.push({ type, listener, signal })
  }

  /** Runs as a task of the page: not before it wakes up, and never when it is gone. */
  task(work: () => void): void {
    if (this.#dead) return
    if (this.#asleep) this.#asleep.push(work)
    else void Promise.resolve().then(() => (this.#asleep ? this.#asleep.push(work) : !this.#dead && work()))
  }

  sleep(): void {
    this.#asleep = []
  }

  async wake(): Promise<void> {
    const missed = this.#asleep!
    this.#asleep = undefined
    for (const work of missed) {
      work()
      await settled()
    }
  }

  /** Listeners that are there. */
  get listeners(): number {
    return this.#listeners.filter(({ signal }) => !signal?.aborted).length
  }

  fire(type: string): void {
    for (const { type: of, listener, signal } of this.#listeners)
      if (of === type && !signal?.aborted) listener()
  }

  crash(): void {
    const { browser } = this
    this.#dead = true
    this.channels.clear()
    const names = [...browser.held].filter(([, { page }]) => page === this).map(([name]) => name)
    browser.waiting.splice(0, Infinity, ...browser.waiting.filter(({ page }) => page !== this))
    for (const name of names) {
      browser.held.delete(name)
      browser.grant(name)
    }
  }

  request(name: string, rest: unknown[]): Promise<unknown> {
    const { browser } = this
    const callback = rest.pop() as Grant['callback']
    const { steal, signal } = (rest[0] ?? {}) as LockOptions
    if (browser.refuses) return Promise.reject(browser.refuses)
    return new Promise((resolve, reject) => {
      const grant: Grant = { name, page: this, callback, resolve, reject }
      if (steal) {
        const victim = browser.held.get(name)
        victim?.page.task(() => victim.reject(abortError()))
        return browser.give(grant)
      }
      signal?.addEventListener('abort', () => {
        const index = browser.waiting.indexOf(grant)
        if (index < 0) return
        browser.waiting.splice(index, 1)
        reject(abortError())
      })
      browser.waiting.push(grant)
      browser.grant(name)
    })
  }
}

function scopeOf(page: Page, browser: FakeBrowser): Scope {
  const { clock } = browser
  return {
    performance: { now: () => clock.now() },
    setTimeout: (callback, ms) => clock.setTimeout(() => page.task(callback), ms),
    WebSocket: FakeSocket,
    addEventListener: (type, listener, { signal }) => page.listen(type, listener, signal),
    navigator: {
      locks: {
        request: (name: string, ...rest: unknown[]) => page.request(name, rest),
        query: () => Promise.resolve({}),
      } as unknown as LockManager,
    },
    BroadcastChannel: class {
      onmessage: ((event: { data: unknown }) => void) | null = null
      constructor(readonly name: string) {
        page.channels.add(this)
      }
      postMessage(word: unknown): void {
        browser.words.push(word)
        const copy: unknown = structuredClone(word)
        for (const other of browser.pages)
          for (const channel of other.channels)
            if (channel !== this && channel.name === this.name)
              other.task(() => other.channels.has(channel) && channel.onmessage?.({ data: copy }))
      }
      close(): void {
        page.channels.delete(this)
      }
    } as unknown as typeof BroadcastChannel,
  }
}
