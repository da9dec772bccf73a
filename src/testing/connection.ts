/** The server's side of one connection. */
import { ConnectionError } from '../diagnostics/errors.js'
import { checkPayload, type Sendable } from '../delivery/payload.js'
import { rule } from '../options/rules.js'
import { Queue } from './queue.js'
import { post, type Way } from './way.js'

/** How a connection ended: with a Close frame of either side, or cut, which is 1006. */
export interface Ended {
  /** The side that ended it. */
  readonly by: 'client' | 'server'
  /** The close code; 1006 if it was cut. */
  readonly code: number
  /** The close reason; '' if none. */
  readonly reason: string
}

/** The client, as its server reaches it. */
export interface ClientEnd {
  readonly url: string
  readonly protocols: readonly string[]
  readonly readyState: number
  opened(protocol: string): void
  received(data: Sendable): void
  /** Without a code, the connection is lost. */
  ended(error: Error | undefined, code?: number, reason?: string): void
}

/** Returns the answer to a message, or undefined for none. */
export type Answer = (data: Sendable, connection: TestConnection) => Sendable | undefined | void

/** A code that a server can close with: 1006 and 1015 are never on the wire; 1005 stands for none. */
export const closeCode = rule(
  'must be a close code from 1000 to 4999; instead of 1006, drop the connection',
  (code) =>
    Number.isInteger(code) &&
    (code as number) >= 1000 &&
    (code as number) <= 4999 &&
    code !== 1006 &&
    code !== 1015,
)

/** The test server's side of a connection. */
export class TestConnection {
  /** All messages that the client has sent, oldest first; copies of binary messages, and of a Blob its bytes. */
  readonly sent: Sendable[] = []
  /** Resolves with how the connection ended. */
  readonly closed: Promise<Ended>
  readonly #client: ClientEnd
  readonly #down: Way
  readonly #up: Way
  readonly #live: Set<TestConnection>
  readonly #answer: Answer | undefined
  readonly #messages = new Queue<Sendable>()
  #settle!: (ended: Ended) => void
  #state: 'open' | 'silent' | 'closing' | 'ended' = 'open'

  /** Created by a TestServer. */
  constructor(client: ClientEnd, down: Way, up: Way, live: Set<TestConnection>, answer: Answer | undefined) {
    this.#client = client
    this.#down = down
    this.#up = up
    this.#live = live.add(this)
    this.#answer = answer
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
    if (this.#state !== 'open') return
    const posted = post(data)
    this.#down.send(() => this.#reaches && this.#client.received(posted.data), posted.ready)
  }

  /**
   * Closes with any code that is valid on the wire, or with none (1005).
   * @throws InvalidArgumentError
   */
  close(code = 1000, reason = ''): void {
    closeCode('code', code)
    this.#close('server', code, reason)
  }

  /** Cuts the connection: the client gets `close` 1006 without `error`, as in Node and Chromium. */
  drop(): void {
    this.#cut()
  }

  /** Simulates a protocol error: the client gets `error`, then `close` 1006. */
  fail(error: Error = new ConnectionError('the peer violated the protocol')): void {
    this.#cut(error)
  }

  /** Makes the connection half-open: from now on nothing arrives on either side, and only drop() ends it. */
  silence(): void {
    if (this.#state === 'open') this.#state = 'silent'
  }

  /** A message has arrived. For the server. */
  took(data: Sendable): void {
    if (!this.#reaches) return
    this.sent.push(data)
    this.#messages.put(data)
    const reply = this.#answer?.(data, this)
    if (reply !== undefined) this.send(reply)
  }

  /** The client's Close frame has arrived. For the server. */
  heard(code: number, reason: string): void {
    this.#close('client', code, reason)
  }

  get #reaches(): boolean {
    return this.#state === 'open' || this.#state === 'closing'
  }

  #close(by: Ended['by'], code: number, reason: string): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#down.send(() => {
      this.#client.ended(undefined, code, reason)
      // after what the client sent before it knew
      this.#up.send(() => this.#end({ by, code, reason }))
    })
  }

  #cut(error?: Error): void {
    this.#end({ by: 'server', code: 1006, reason: '' })
    this.#down.send(() => this.#client.ended(error))
  }

  #end(ended: Ended): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#live.delete(this)
    this.#messages.end(
      new ConnectionError(
        `no more messages will arrive: the ${ended.by} has ended the connection with ${ended.code}`,
      ),
    )
    this.#settle(ended)
  }
}
