/**
 * Typed events. mitt keeps the registry; dispatch is our own, because mitt's stops at the first listener that throws
 * and allocates two arrays for each event.
 */
import mitt from 'mitt'
import { reportError } from '../diagnostics/report.js'

type Handler = (...detail: unknown[]) => void

export class Emitter<Events extends object> {
  readonly #mitt = mitt<Record<string, unknown>>()

  /** Adds a listener. Returns its own undo. */
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
    const any = this.#mitt.all.get('*') as Handler[] | undefined
    if (any) dispatch(any, detail, type)
  }

  /** Calls the listeners of `type` alone. */
  tell<K extends keyof Events>(type: K, detail: Events[K]): void {
    const listeners = this.#mitt.all.get(type as string) as Handler[] | undefined
    if (listeners) dispatch(listeners, detail)
  }

  /** Whether somebody listens to `type` by name. */
  heeds(type: keyof Events): boolean {
    return (this.#mitt.all.get(type as string)?.length ?? 0) > 0
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
