/**
 * Typed events. mitt keeps the registry; dispatch is our own, because mitt's stops at the first listener that throws
 * and allocates two arrays for each event.
 */
import mitt from 'mitt'
import { reportError } from './report.js'

export type Listener<T> = (detail: T) => void
export type AnyListener<Events> = (type: keyof Events, detail: Events[keyof Events]) => void

export class Emitter<Events extends object> {
  readonly #mitt = mitt<Record<string, unknown>>()

  /** Adds a listener. Returns its own undo. */
  on(type: keyof Events | '*', listener: (...detail: never[]) => void): () => void {
    this.#mitt.on(type as '*', listener as () => void)
    return () => this.off(type, listener)
  }

  off(type: keyof Events | '*', listener: (...detail: never[]) => void): void {
    this.#mitt.off(type as '*', listener as () => void)
  }

  /** Calls the listeners of `type`, then those of `*`. One that throws disturbs no other. */
  emit<K extends keyof Events>(type: K, detail: Events[K]): void {
    const { all } = this.#mitt
    const listeners = all.get(type as string) as Listener<Events[K]>[] | undefined
    const any = all.get('*') as unknown as AnyListener<Events>[] | undefined
    if (listeners) dispatch(listeners, detail)
    if (any) dispatch(any, type, detail)
  }
}

/** Calls each listener. One that throws disturbs no other. */
export function dispatch<A extends unknown[]>(listeners: ((...args: A) => void)[], ...args: A): void {
  // a listener may add or remove listeners meanwhile; one alone, the usual case, needs no copy for that
  for (const listener of listeners.length > 1 ? [...listeners] : listeners) {
    try {
      listener(...args)
    } catch (error) {
      reportError(error)
    }
  }
}
