/** Holds back events of a platform socket: `ws` emits everything from one packet within one turn. */
import type { Data, Sendable } from '../../delivery/payload.js'
import type { HeldListener, LinkListener, Reports } from '../platform.js'
import { immediate } from './immediate.js'

export class Held implements HeldListener {
  readonly #listener: LinkListener
  /** Events since `hold()`. */
  #held: (() => void)[] | undefined

  constructor(listener: LinkListener) {
    this.#listener = listener
  }

  hold(): void {
    const held = (this.#held = [] as (() => void)[])
    immediate(() => {
      this.#held = undefined
      for (const tell of held) tell()
    })
  }

  onMessage(data: Data): void {
    // avoids a closure for each message
    if (this.#held) this.#held.push(() => this.#listener.onMessage(data))
    else this.#listener.onMessage(data)
  }

  onPong(): void {
    this.#tell(() => this.#listener.onPong())
  }

  onReport<K extends keyof Reports>(type: K, detail: Reports[K]): void {
    this.#tell(() => this.#listener.onReport(type, detail))
  }

  onEnding(): void {
    this.#tell(() => this.#listener.onEnding())
  }

  onError(error: unknown): void {
    this.#tell(() => this.#listener.onError(error))
  }

  onClose(code: number, reason: string, wasClean: boolean): void {
    this.#tell(() => this.#listener.onClose(code, reason, wasClean))
  }

  // these do not concern code that awaits the opening

  onOpen(): void {
    this.#listener.onOpen()
  }

  onRoom(): void {
    this.#listener.onRoom()
  }

  onLost(data: Sendable): void {
    this.#listener.onLost(data)
  }

  #tell(what: () => void): void {
    if (this.#held) this.#held.push(what)
    else what()
  }
}
