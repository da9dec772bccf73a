/** The listeners to `message` of a WebSocket that are called without the engine's dispatch. */
import type { MessageListeners } from '../platform.js'
import { PlainMessageEvent } from './message-event.js'

type Listener = (event: object) => unknown

export class PlainListeners implements MessageListeners {
  /** In the order of their registration; replaced with every change. */
  #listeners: readonly Listener[] = []
  /** Whether one has come that the engine has to call: an object, or one with options. */
  #plain = true

  add(listener: unknown, options: unknown): void {
    if (typeof listener !== 'function' || options) this.#plain = false
    else if (!this.listens(listener as Listener)) this.#listeners = [...this.#listeners, listener as Listener]
  }

  remove(listener: unknown, options: unknown): void {
    // a capturing one is another
    if (options === true || (options as { capture?: unknown } | null | undefined)?.capture) return
    this.#listeners = this.#listeners.filter((one) => one !== listener)
  }

  listens(listener: Listener): boolean {
    return this.#listeners.includes(listener)
  }

  tell(target: object, data: unknown, origin: string): boolean {
    if (!this.#plain) return false
    PlainMessageEvent.tell(data, origin, target, this.#listeners, this)
    return true
  }
}
