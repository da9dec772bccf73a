/**
 * The `message` listeners of one WebSocket, outside the engine's own registry: calling them directly takes a tenth of
 * the time of the engine's dispatch.
 */
import { platform } from '#platform'
import { PlainMessageEvent, type Registered } from './message-event.js'

export class MessageListeners {
  /** In order of registration; replaced on every change. */
  #listeners: readonly Registered[] = []
  /** True once a listener needs the engine's dispatch: an object, one with options, or one added by a patched method. */
  #engine = false

  /** Called with the arguments of `addEventListener`. */
  add(listener: unknown, options?: unknown): void {
    if (typeof listener !== 'function' || options || isPatched()) this.#engine = true
    else if (!this.#listeners.some((one) => one.listener === listener))
      this.#listeners = [...this.#listeners, { listener: listener as Registered['listener'] }]
  }

  /** Called with the arguments of `removeEventListener`. */
  remove(listener: unknown, options?: unknown): void {
    // a capturing listener is a different one
    if (options === true || (options as { capture?: unknown } | null | undefined)?.capture) return
    this.#listeners = this.#listeners.filter((one) => {
      one.removed = one.listener === listener
      return !one.removed
    })
  }

  /** Calls all listeners with an event for `target`. Returns false if one of them needs the engine's dispatch. */
  tell(target: object, data: unknown, origin: string): boolean {
    // a listener may add one that needs it, which is not for this message
    const engine = this.#engine
    if (!engine) PlainMessageEvent.tell(data, origin, target, this.#listeners)
    return !engine
  }
}

/** Whether a script such as zone.js or Sentry has replaced a method of the engine's, and expects its own to be called. */
function isPatched(): boolean {
  const methods = EventTarget.prototype as unknown as Readonly<Record<string, object>>
  return ['addEventListener', 'dispatchEvent'].some((name) => {
    const method = methods[name]!
    // both make their functions' text look native, but native methods have no prototype
    if ('prototype' in method) return true
    return !platform.scripted && !/native code/.test(Function.prototype.toString.call(method))
  })
}
