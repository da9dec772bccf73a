/**
 * Typed events. mitt keeps the registry; dispatch is separate, because mitt's stops at the first listener that throws
 * and allocates two arrays for each event.
 */
import mitt from 'mitt'
import { reportError } from '../diagnostics/report.js'

type Handler = (...detail: unknown[]) => void

/** Shared by all empty lists. */
const nobody: readonly Handler[] = []

/** Takes a listener away once, and no more: the same one may have been added again since. */
export function once(undo: () => void): () => void {
  let left: (() => void) | undefined = undo
  return () => {
    left?.()
    left = undefined
  }
}

export class Emitter<Events extends object> {
  readonly #mitt = mitt<Record<string, unknown>>()
  // cached, because it is read for each message
  #message = nobody
  #data = nobody
  #any = nobody

  /** Adds a listener. Returns an unsubscribe function. */
  on(type: keyof Events | '*', listener: (...detail: never[]) => void): () => void {
    const { all } = this.#mitt
    if (all.get(type as string)?.length) this.#mitt.on(type as '*', listener as Handler)
    // push() would reserve room for 17, and most sockets have one listener per event
    else all.set(type as string, [listener as Handler])
    this.#look()
    return once(() => this.off(type, listener))
  }

  off(type: keyof Events | '*', listener: (...detail: never[]) => void): void {
    this.#mitt.off(type as '*', listener as Handler)
  }

  #look(): void {
    this.#message = this.#of('message')
    this.#data = this.#of('data')
    this.#any = this.#of('*')
  }

  /** mitt modifies a list in place. */
  #of(type: string): readonly Handler[] {
    return (this.#mitt.all.get(type) as Handler[] | undefined) ?? nobody
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
    dispatch(this.#of(type as string), detail)
  }

  /** Whether there is a listener for `type` itself. */
  heeds(type: keyof Events): boolean {
    return (type === 'data' ? this.#data : this.#of(type as string)).length > 0
  }
}

/** Calls each listener with `detail`, preceded by `type` if given. Makes no copy for a single listener. */
function dispatch(listeners: readonly Handler[], detail: unknown, type?: unknown): void {
  // a listener may add or remove listeners meanwhile
  const present = listeners.length > 1 ? [...listeners] : listeners
  const { length } = present
  for (let i = 0; i < length; i++) {
    try {
      if (type === undefined) present[i]!(detail)
      else present[i]!(type, detail)
    } catch (error) {
      reportError(error)
    }
  }
}
