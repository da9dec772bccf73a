/** Access to sessions by id, on any server. */
import { InvalidArgumentError } from '../diagnostics/errors.js'
import { isId } from './credentials.js'
import { SessionGoneError, SessionTakenError } from './errors.js'
import { Outbox, type Sendable, toPayload } from './outbox.js'
import type { Settings } from './options.js'
import type { OwnedSession } from './session.js'
import type { Payload, SessionStore } from './store.js'

/** A session that may be on any server. */
export interface RemoteSession {
  /** The session's id. */
  readonly id: string
  /**
   * Sends a message. The promise resolves with its number once the message is stored. An ignored promise causes no
   * unhandled rejection.
   * @throws InvalidArgumentError synchronously, for data that cannot be sent
   * @returns A promise that rejects with SessionGoneError, SessionFullError, StoreUnavailableError
   */
  send(data: Sendable): Promise<number>
  /**
   * Ends the session and deletes it from the store.
   * @returns A promise that rejects with SessionGoneError, StoreUnavailableError
   */
  end(): Promise<void>
}

export class Remotes {
  readonly #store: SessionStore
  readonly #settings: Settings<never>
  readonly #here: (id: string) => OwnedSession | undefined
  /** Messages being stored, by session. */
  readonly #outboxes = new Map<string, Outbox>()

  constructor(
    store: SessionStore,
    settings: Settings<never>,
    here: (id: string) => OwnedSession | undefined,
  ) {
    this.#store = store
    this.#settings = settings
    this.#here = here
  }

  get(id: string): RemoteSession {
    if (!isId(id)) throw new InvalidArgumentError('id', "must be a session's id")
    return {
      id,
      send: (data) => this.#send(id, toPayload(data)),
      end: () => this.#end(id),
    }
  }

  #send(id: string, data: Payload): Promise<number> {
    // what is being stored goes first, although the session may have come here since, or have gone
    const busy = this.#outboxes.get(id)
    const outbox = busy ?? this.#here(id)?.outbox ?? this.#away(id)
    const sent = outbox.send(data).catch((error: unknown) => {
      if (!(error instanceof SessionTakenError)) throw error
      // another server has it, of which this one learns only now. What waits behind it comes here too, and first
      return (outbox.next ??= this.#away(id)).send(data)
    })
    sent.catch(() => {})
    if (!busy) void this.#keep(id, outbox)
    return sent
  }

  /** Until the outbox is idle, because messages of another one could overtake its own. */
  async #keep(id: string, outbox: Outbox): Promise<void> {
    this.#outboxes.set(id, outbox)
    while (outbox.busy) await outbox.drained()
    if (outbox.next) return this.#keep(id, outbox.next)
    this.#outboxes.delete(id)
  }

  /** Stores messages to a session that is not here. */
  #away(id: string): Outbox {
    const { maxHeldMessages, maxHeldBytes } = this.#settings
    const bounds = { messages: maxHeldMessages, bytes: maxHeldBytes }
    return new Outbox(async (messages) => {
      const result = await this.#store.append(id, messages, bounds)
      // without an epoch, so it cannot be fenced
      return typeof result === 'string' ? new SessionGoneError() : result
    }, bounds)
  }

  async #end(id: string): Promise<void> {
    const here = this.#here(id)
    await here?.end()
    // another server may have it, of which this one has not learned
    if ((await this.#store.end(id)) === 'gone' && !here) throw new SessionGoneError()
  }
}
