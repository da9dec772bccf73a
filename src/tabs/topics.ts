/** Subscriptions of the tabs: the server receives one per topic, as long as any tab wants it. */
import { reportError } from '../diagnostics/report.js'
import type { Data, Sendable } from '../delivery/payload.js'

/** How to recognise and create the application's subscription messages. */
export interface Resubscribe {
  /**
   * Interprets a sent message: `{ add: topic }` subscribes, `{ remove: topic }` unsubscribes; return `undefined` for any
   * other message. Binary messages are passed as ArrayBuffer or Blob. If it throws, the error is reported and the message
   * is sent.
   */
  readonly read: (data: Data) => { readonly add: string } | { readonly remove: string } | undefined
  /** Returns the message that subscribes to a topic. */
  readonly add: (topic: string) => Sendable
  /** Returns the message that unsubscribes from a topic. */
  readonly remove: (topic: string) => Sendable
}

/** The topics of a set of members. */
export class Topics {
  readonly #read: Resubscribe['read'] | undefined
  readonly #members = new Map<string, Set<string>>()

  constructor(read: Resubscribe['read'] | undefined) {
    this.#read = read
  }

  /** Handles a message of a member. Returns whether the server must receive it. */
  pass(from: string, data: Sendable): boolean {
    try {
      const change = { ...this.#read?.(data as Data) } as { readonly add?: string; readonly remove?: string }
      const { add, remove } = change
      if (add !== undefined) {
        const members = this.#members.get(add)
        if (!members) this.#members.set(add, new Set([from]))
        return !members?.add(from)
      }
      return remove === undefined || this.#drop(remove, from)
    } catch (error) {
      reportError(error)
      return true
    }
  }

  /** A member has gone. Returns the topics that no member wants any more. */
  left(from: string): string[] {
    return this.list().filter((topic) => this.#members.get(topic)!.has(from) && this.#drop(topic, from))
  }

  list(): string[] {
    return [...this.#members.keys()]
  }

  /** Removes a member; returns whether none is left. */
  #drop(topic: string, from: string): boolean {
    const members = this.#members.get(topic)
    members?.delete(from)
    // for a topic without members, the server has to answer
    return !members?.size && (this.#members.delete(topic), true)
  }
}
