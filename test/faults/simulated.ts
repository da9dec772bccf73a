/** A clock, random numbers and links in the hands of the test: hours pass in a moment, and always alike. */
import { ReconnectingSocket, type Endpoint, type Options } from '../../src/index.js'
import type { Link, LinkListener, Platform } from '../../src/platform/platform.js'
import type { Clock } from '../../src/time/clock.js'
import type { Provider } from '../../src/options/provider.js'

class SimulatedClock implements Clock {
  #now = 0
  #timers = new Map<number, { at: number; callback: () => void }>()
  #id = 0

  now = (): number => this.#now
  date = (): number => this.#now

  setTimeout = (callback: () => void, ms: number): number => {
    this.#timers.set(++this.#id, { at: this.#now + ms, callback })
    return this.#id
  }

  clearTimeout = (timer: unknown): void => {
    this.#timers.delete(timer as number)
  }

  get pending(): number {
    return this.#timers.size
  }

  /** Lets time pass, timer by timer, with all that promises set off in between. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      // the providers are asked through a few promises in a row
      for (let i = 0; i < 20; i++) await undefined
      const next = [...this.#timers].sort(([a, x], [b, y]) => x.at - y.at || a - b)[0]
      if (!next || next[1].at > end) break
      this.#timers.delete(next[0])
      this.#now = Math.max(this.#now, next[1].at)
      next[1].callback()
    }
    this.#now = end
  }
}

export class SimulatedLink implements Link {
  readonly protocol = ''
  readonly extensions = ''
  readonly bufferedAmount = 0
  readonly ready = true
  binaryType: 'arraybuffer' | 'blob' = 'arraybuffer'
  pings: number[] = []
  bytes = 0
  dropped = 0
  readonly listener: LinkListener
  readonly at: number
  readonly #clock: Clock

  constructor(listener: LinkListener, clock: Clock) {
    this.listener = listener
    this.#clock = clock
    this.at = clock.now()
  }

  send(): boolean {
    return true
  }

  beat(): void {}

  close(): void {}

  unsent(): [] {
    return []
  }

  drop(): void {
    this.dropped++
  }

  ping = (): void => {
    this.pings.push(this.#clock.now())
  }

  received = (): number => this.bytes
}

/** A socket over simulated links. `script` says what becomes of each dial, n from 0. */
export function simulate(
  options: Options,
  script: (link: SimulatedLink, clock: Clock, n: number) => void,
  random: () => number = () => 0.5,
) {
  const clock = new SimulatedClock()
  const links: SimulatedLink[] = []
  const platform: Platform = {
    clock,
    random,
    hints: () => () => {},
    dial(_target, _options, listener) {
      const link = new SimulatedLink(listener, clock)
      script(link, clock, links.push(link) - 1)
      return link
    },
  }
  const Socket = ReconnectingSocket as unknown as new (
    url: Provider<Endpoint>,
    options: Options,
    platform: Platform,
  ) => ReconnectingSocket
  return { socket: new Socket('ws://simulated.test/', options, platform), clock, links }
}

/** Random numbers that are the same each time. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
