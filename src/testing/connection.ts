/** The server's side of one connection. */
import { ConnectionError, InvalidArgumentError } from '../diagnostics/errors.js'
import { checkPayload, copyOf, type Sendable } from '../delivery/payload.js'
import { Queue } from './queue.js'
import type { ClientEnd } from './websocket.js'

/** How a connection ended: with a Close frame of either side, or cut, which is 1006. */
export interface Ended {
  readonly by: 'client' | 'server'
  readonly code: number
  readonly reason: string
}

interface Owner {
  ended(): void
  took(data: Sendable): void
}

/** Whether a server can close with it: 1006 and 1015 are never on the wire; 1005 stands for none. */
export function isCloseCode(code: unknown): boolean {
  return (
    Number.isInteger(code) && Number(code) >= 1000 && Number(code) <= 4999 && code !== 1006 && code !== 1015
  )
}

/** The test server's side of a connection. */
export class TestConnection {
  /** All messages that the client has sent, oldest first; copies of binary messages. */
  readonly sent: Sendable[] = []
  /** Resolves with how the connection ended. */
  readonly closed: Promise<Ended>
  readonly #client: ClientEnd
  readonly #later: (action: () => void) => void
  readonly #owner: Owner
  readonly #messages = new Queue<Sendable>()
  #settle!: (ended: Ended) => void
  #state: 'open' | 'silent' | 'closing' | 'ended' = 'open'

  /** Created by a TestServer. */
  constructor(client: ClientEnd, later: (action: () => void) => void, owner: Owner) {
    this.#client = client
    this.#later = later
    this.#owner = owner
    this.closed = new Promise((resolve) => (this.#settle = resolve))
  }

  /** The URL that the client used. */
  get url(): string {
    return this.#client.url
  }

  /** The offered subprotocols. */
  get protocols(): readonly string[] {
    return this.#client.protocols
  }

  /**
   * Resolves with the client's next message. Each message is returned once, including those before the end. Rejects with
   * ConnectionError if the connection has ended, or ends, and no message is left.
   */
  message(): Promise<Sendable> {
    return this.#messages.take()
  }

  /** Sends a message to the client. */
  send(data: Sendable): void {
    checkPayload(data)
    const copy = copyOf(data)
    if (this.#state === 'open') this.#later(() => this.#reach(() => this.#client.received(copy)))
  }

  /**
   * Closes with any code that is valid on the wire, or with none (1005).
   * @throws InvalidArgumentError
   */
  close(code = 1000, reason = ''): void {
    if (!isCloseCode(code))
      throw new InvalidArgumentError('code', 'must be a close code from 1000 to 4999; for 1006, drop()')
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#later(() => {
      this.#client.ended(code, reason, true)
      this.#end({ by: 'server', code, reason })
    })
  }

  /** Cuts the connection: the client gets `close` 1006 without `error`, as in Node and Chromium. */
  drop(): void {
    this.#cut()
  }

  /** Simulates a protocol error: the client gets `error`, then `close` 1006. */
  fail(error: Error = new ConnectionError('the peer broke the protocol')): void {
    this.#cut(error)
  }

  /** Makes the connection half-open: from now on nothing arrives on either side, and only drop() ends it. */
  silence(): void {
    if (this.#state === 'open') this.#state = 'silent'
  }

  /** A message has arrived. For the server. */
  took(data: Sendable): void {
    if (this.#state !== 'open') return
    this.sent.push(data)
    this.#messages.put(data)
    this.#owner.took(data)
  }

  /** The client's Close frame has arrived. For the server. */
  heard(code: number, reason: string): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#later(() => {
      this.#client.ended(code, reason, true)
      this.#end({ by: 'client', code, reason })
    })
  }

  #reach(action: () => void): void {
    if (this.#state === 'open' || this.#state === 'closing') action()
  }

  #cut(error?: Error): void {
    if (this.#state === 'ended') return
    this.#end({ by: 'server', code: 1006, reason: '' })
    this.#later(() => this.#client.ended(1006, '', false, error))
  }

  #end(ended: Ended): void {
    this.#state = 'ended'
    this.#owner.ended()
    this.#messages.end(
      new ConnectionError(
        `no message comes any more: the ${ended.by} has ended the connection, with ${ended.code}`,
      ),
    )
    this.#settle(ended)
  }
}
