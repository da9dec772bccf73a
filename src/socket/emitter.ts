/**
 * Typed events. mitt keeps the registry; dispatch is separate, because mitt's stops at the first listener that throws
 * and allocates two arrays for each event.
 */
import mitt from 'mitt'
import { reportError } from '../diagnostics/report.js'

type Handler = (...detail: unknown[]) => void

export class Emitter<Events extends object> {
  // emitted for each message, so cached; mitt modifies this array in place
  readonly #message: Handler[] = []
  readonly #data: Handler[] = []
  readonly #any: Handler[] = []
  readonly #mitt = mitt<Record<string, unknown>>(
    new Map<string, Handler[]>([
      ['message', this.#message],
      ['data', this.#data],
      ['*', this.#any],
    ]),
  )

  /** Adds a listener. Returns an unsubscribe function. */
  on(type: keyof Events | '*', listener: (...detail: never[]) => void): () => void {
    this.#mitt.on(type as '*', listener as Handler)
    // only once: the same listener may have been added again since
    let undo: (() => void) | undefined = () => this.off(type, listener)
    return () => {
      undo?.()
      undo = undefined
    }
  }

  off(type: keyof Events | '*', listener: (...detail: never[]) => void): void {
    this.#mitt.off(type as '*', listener as Handler)
  }

  /** Calls the listeners of `type`, then those of `*`. A listener that throws does not affect the others. */
  emit<K extends keyof Events>(type: K, detail: Events[K]): void {
    this.tell(type, detail)
    dispatch(this.#any, detail, type)
  }

  /** The fast path of `emit('message')`. */
  message(data: unknown): void {
    dispatch(this.#message, data)
    if (this.#any.length > 0) dispatch(this.#any, data, 'message')
  }

  /** Calls only the listeners of `type`. */
  tell<K extends keyof Events>(type: K, detail: Events[K]): void {
    const listeners = this.#mitt.all.get(type as string) as Handler[] | undefined
    if (listeners) dispatch(listeners, detail)
  }

  /** Whether there is a listener for `type` itself. */
  heeds(type: keyof Events): boolean {
    const listeners = type === 'data' ? this.#data : this.#mitt.all.get(type as string)
    return listeners !== undefined && listeners.length > 0
  }
}

/** Calls each listener with `detail`, preceded by `type` if given. Makes no copy for a single listener. */
function dispatch(listeners: Handler[], detail: unknown, type?: unknown): void {
  // a listener may add or remove listeners meanwhile
  const present = listeners.length > 1 ? [...listeners] : listeners
  const { length } = present
  for (let i = 0; i < length; i++) {
    try {
      if (type === undefined) present[i]?.(detail)
      else present[i]?.(type, detail)
    } catch (error) {
      reportError(error)
    }
  }
}
