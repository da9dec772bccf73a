/**
 * A `message` event implemented here: creating and dispatching one of the engine's takes longer than everything else
 * that a message needs. It is still an instance of the engine's classes. DOM, "Interface Event"; HTML, "The
 * MessageEvent interface".
 */
import { reportError } from '../diagnostics/report.js'
import { named } from '../platform/named.js'
import { complete } from './complete.js'

/** A listener that was added. */
export interface Registered {
  readonly listener: (event: object) => unknown
  removed?: boolean
}

interface PlainMessageEvent {
  /** Calls the listeners with an event for `target`; skips those that an earlier one removes or stops. */
  tell(data: unknown, origin: string, target: object, listeners: readonly Registered[]): void
}

export const PlainMessageEvent: PlainMessageEvent = /* @__PURE__ */ plainClass()

function plainClass(): PlainMessageEvent {
  class MessageEvent {
    readonly #data: unknown
    readonly #origin: string
    readonly #target: object
    #current: object | null
    #stopped: 'no' | 'propagation' | 'immediate' = 'no'
    #timeStamp: number | undefined

    constructor(data: unknown, origin: string, target: object) {
      this.#data = data
      this.#origin = origin
      this.#target = this.#current = target
    }

    static tell(data: unknown, origin: string, target: object, listeners: readonly Registered[]): void {
      const event = new MessageEvent(data, origin, target)
      for (let i = 0; i < listeners.length && event.#stopped !== 'immediate'; i++) {
        const { listener, removed } = listeners[i]!
        if (removed) continue
        try {
          // faster than Reflect.apply()
          listener.call(target, event)
        } catch (error) {
          reportError(error)
        }
      }
      event.#current = null
      event.#stopped = 'no'
    }

    get data(): unknown {
      return this.#data
    }

    get origin(): string {
      return this.#origin
    }

    get target(): object {
      return this.#target
    }

    get currentTarget(): object | null {
      return this.#current
    }

    get eventPhase(): number {
      return this.#current ? 2 : 0
    }

    get isTrusted(): boolean {
      return false
    }

    get cancelBubble(): boolean {
      return this.#stopped !== 'no'
    }

    set cancelBubble(value) {
      if (value) this.stopPropagation()
    }

    /** The time of the first access: reading the clock for each event would be expensive. */
    get timeStamp(): number {
      return (this.#timeStamp ??= performance.now())
    }

    composedPath(): object[] {
      return this.#current ? [this.#current] : []
    }

    stopPropagation(): void {
      if (this.#stopped === 'no') this.#stopped = 'propagation'
    }

    stopImmediatePropagation(): void {
      this.#stopped = 'immediate'
    }

    /** The output of `console.log` in Node: the engine's own would read fields that do not exist here. */
    [Symbol.for('nodejs.util.inspect.custom')](): object {
      const { type, data, origin } = this as unknown as Event & MessageEvent
      return { type, data, origin }
    }
  }
  const { prototype } = named(MessageEvent, 'MessageEvent', 'data origin isTrusted')
  const { prototype: native } = globalThis.MessageEvent ?? Event
  complete(prototype, native, Event.prototype)
  return MessageEvent
}
