/**
 * A `message` event that is not the engine's: to make one of those and to dispatch it takes longer, in Node, than all the
 * rest of a message. It is an instance of the engine's classes all the same. DOM, "Interface Event"; HTML, "The
 * MessageEvent interface".
 */
import { reportError } from '../../diagnostics/report.js'
import { named } from '../named.js'

type Listener = (event: object) => unknown

const { prototype: native } = globalThis.MessageEvent ?? Event
const noPorts = Object.freeze([])

export class PlainMessageEvent {
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

  /** Calls the listeners with an event for `target`, as long as `registry` says that each still listens. */
  static tell(
    data: unknown,
    origin: string,
    target: object,
    listeners: readonly Listener[],
    registry: { listens(listener: Listener): boolean },
  ): void {
    const event = new PlainMessageEvent(data, origin, target)
    for (let i = 0; i < listeners.length; i++) {
      const listener = listeners[i]!
      // one before it may have removed it
      if (i > 0 && (event.#stopped === 'immediate' || !registry.listens(listener))) continue
      try {
        // quicker than Reflect.apply()
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

  get lastEventId(): string {
    return ''
  }

  get source(): null {
    return null
  }

  get ports(): readonly never[] {
    return noPorts
  }

  get type(): string {
    return 'message'
  }

  get target(): object {
    return this.#target
  }

  get srcElement(): object {
    return this.#target
  }

  get currentTarget(): object | null {
    return this.#current
  }

  get eventPhase(): 0 | 2 {
    return this.#current ? 2 : 0
  }

  get bubbles(): boolean {
    return false
  }

  get cancelable(): boolean {
    return false
  }

  get composed(): boolean {
    return false
  }

  get defaultPrevented(): boolean {
    return false
  }

  get returnValue(): boolean {
    return true
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

  /** When somebody first asked: to look at the clock for each would be dear. */
  get timeStamp(): number {
    return (this.#timeStamp ??= performance.now())
  }

  composedPath(): object[] {
    return this.#current ? [this.#current] : []
  }

  preventDefault(): void {}

  stopPropagation(): void {
    if (this.#stopped === 'no') this.#stopped = 'propagation'
  }

  stopImmediatePropagation(): void {
    this.#stopped = 'immediate'
  }

  /** What `console.log` shows: the engine's own would look for what is not there. */
  [Symbol.for('nodejs.util.inspect.custom')](): object {
    const { type, data, origin } = this
    return { type, data, origin }
  }
}

named(
  PlainMessageEvent,
  'MessageEvent',
  'data origin lastEventId source ports type target srcElement currentTarget eventPhase bubbles cancelable composed defaultPrevented returnValue ' +
    'isTrusted cancelBubble timeStamp composedPath preventDefault stopPropagation stopImmediatePropagation',
)
// the engine's classes are told by instanceof
Object.setPrototypeOf(PlainMessageEvent.prototype, native)
Reflect.deleteProperty(PlainMessageEvent.prototype, 'constructor')
