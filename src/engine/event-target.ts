/**
 * `EventTarget` for engines that lack it, such as React Native up to 0.85, or that call `on…` properties themselves,
 * such as workerd. DOM, "Interface EventTarget", for a target without parents.
 */
import { reportError } from '../diagnostics/report.js'
import { type Journey, journeys } from './event.js'

type Callback = ((event: object) => unknown) | { handleEvent(event: object): unknown }

interface Options {
  readonly capture?: boolean
  readonly once?: boolean
  readonly signal?: AbortSignal
}

interface Entry {
  readonly type: string
  readonly callback: Callback
  readonly capture: boolean
  readonly once: boolean
}

const read = (options: boolean | Options | undefined): Options =>
  typeof options === 'boolean' ? { capture: options } : (options ?? {})

export class OwnEventTarget {
  #entries: readonly Entry[] = []

  addEventListener(type: string, callback: Callback | null, options?: boolean | Options): void {
    const { capture = false, once = false, signal } = read(options)
    if (!callback || signal?.aborted) return
    if (this.#find(type, callback, capture)) return
    this.#entries = [...this.#entries, { type: `${type}`, callback, capture, once }]
    signal?.addEventListener('abort', () => this.removeEventListener(type, callback, capture))
  }

  removeEventListener(type: string, callback: Callback | null, options?: boolean | Options): void {
    const found = this.#find(type, callback, read(options).capture ?? false)
    this.#entries = this.#entries.filter((entry) => entry !== found)
  }

  dispatchEvent(event: { readonly type: string; readonly defaultPrevented: boolean }): boolean {
    const journey = journeys.get(event) ?? adopt(event)
    if (journey.phase !== 'none') throw new Error('InvalidStateError: the event is being dispatched')
    Object.assign(journey, { target: this, phase: 'at-target', stopped: 'no' })
    // capturing listeners come first at the target too
    const all = this.#entries.filter(({ type }) => type === event.type)
    for (const entry of [...all.filter(({ capture }) => capture), ...all.filter(({ capture }) => !capture)]) {
      if (this.#stopped(event)) break
      // removed by an earlier listener
      if (!this.#entries.includes(entry)) continue
      const { type, callback, capture, once } = entry
      if (once) this.removeEventListener(type, callback, capture)
      try {
        if (typeof callback === 'function') callback.call(this, event)
        else callback.handleEvent(event)
      } catch (error) {
        reportError(error)
      }
    }
    journey.phase = 'none'
    return !event.defaultPrevented
  }

  #stopped(event: object): boolean {
    return journeys.get(event)!.stopped === 'immediate'
  }

  #find(type: string, callback: Callback | null, capture: boolean): Entry | undefined {
    return this.#entries.find(
      (entry) => entry.type === `${type}` && entry.callback === callback && entry.capture === capture,
    )
  }
}

/** Converts an event of the engine to one that can be dispatched here. */
function adopt(event: object): Journey {
  const journey: Journey = { target: null, phase: 'none', stopped: 'no' }
  journeys.set(event, journey)
  const current = (): object | null => (journey.phase === 'none' ? null : journey.target)
  Object.defineProperties(event, {
    target: { get: () => journey.target, configurable: true },
    currentTarget: { get: current, configurable: true },
    eventPhase: { get: () => (journey.phase === 'none' ? 0 : 2), configurable: true },
    composedPath: { value: () => (current() ? [current()] : []), configurable: true },
    stopImmediatePropagation: { value: () => (journey.stopped = 'immediate'), configurable: true },
  })
  return journey
}

/** Whether the engine's class calls the `on…` property of a type in addition to its listeners. */
export function callsHandlers(Native: typeof EventTarget, NativeEvent: typeof Event): boolean {
  let calls = 0
  const target = Object.assign(new Native(), { onprobe: () => calls++ })
  target.dispatchEvent(new NativeEvent('probe'))
  return calls > 0
}
