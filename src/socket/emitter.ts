/**
 * Typed events. mitt keeps the registry; dispatch is our own, because mitt's stops at the first listener that throws
 * and allocates two arrays for each event.
 */
import mitt from 'mitt'
import { reportError } from '../diagnostics/report.js'

type Handler = (...detail: unknown[]) => void

export class Emitter<Events extends object> {
  // told for each message, and so at hand without a look-up: mitt adds to them and takes away
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
    // undone once: the same listener may have been added again since
    let undo: (() => void) | undefined = () => this.off(type, listener)
    return () => {
      undo?.()
      undo = undefined
    }
  }

  off(type: keyof Events | '*', listener: (...detail: never[]) => void): void {
    this.#mitt.off(type as '*', listener as Handler)
  }

  /** Calls the listeners of `type`, then those of `*`. One that throws disturbs no other. */
  emit<K extends keyof Events>(type: K, detail: Events[K]): void {
    this.tell(type, detail)
    dispatch(this.#any, detail, type)
  }

  /** `emit('message')`, the quickest there is. */
  message(data: unknown): void {
    dispatch(this.#message, data)
    if (this.#any.length > 0) dispatch(this.#any, data, 'message')
  }

  /** Calls the listeners of `type` alone. */
  tell<K extends keyof Events>(type: K, detail: Events[K]): void {
    const listeners = this.#mitt.all.get(type as string) as Handler[] | undefined
    if (listeners) dispatch(listeners, detail)
  }

  /** Whether somebody listens to `type` by name. */
  heeds(type: keyof Events): boolean {
    const listeners = type === 'data' ? this.#data : this.#mitt.all.get(type as string)
    return listeners !== undefined && listeners.length > 0
  }
}

/** Calls each with `detail`, after `type` if that is given. No copy for one listener: a message allocates nothing. */
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
