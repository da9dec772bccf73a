/** Clients that send numbered messages and are sent some, as far as they may, and the books about them. */
import type { SessionServer } from '../../../src/server/index.js'
import { TestClient } from '../client.js'

/** So many messages to one client are on their way into the store at most. */
const FLYING = 20

export class Pair {
  readonly client: TestClient
  readonly #sessions: SessionServer
  readonly #count: number
  #flying = 0
  #sent = 0
  #published = 0
  #allowed = 0

  /** @param count Messages each way. */
  constructor(client: TestClient, sessions: SessionServer, count: number) {
    this.client = client
    this.#sessions = sessions
    this.#count = count
  }

  /** Lets it send up to so many, each way. */
  allow(upTo: number): void {
    this.#allowed = Math.min(upTo, this.#count)
    while (this.#sent < this.#allowed) this.client.send(`u ${++this.#sent}`)
    this.#publish()
  }

  /** What the publisher sent it, of what it has received. */
  get published(): string[] {
    return this.client.received.filter((data) => (data as string).startsWith('p ')) as string[]
  }

  /** The numbers of the answers that it has received. */
  get answers(): number[] {
    return (this.client.received as string[]).flatMap((data) =>
      data.startsWith('r ') ? [Number(data.slice(2))] : [],
    )
  }

  /** Messages that are through, of both ways. */
  get progress(): number {
    return this.client.acked + Math.min(this.#count, this.client.received.length / 2)
  }

  get done(): boolean {
    const { acked } = this.client
    return acked === this.#count && this.#flying === 0 && this.#published === this.#count && this.#complete()
  }

  #complete(): boolean {
    return this.published.length >= this.#count && this.answers.at(-1) === this.#count
  }

  /** From a process that has no connection to the client: by the session's id alone, in order. */
  #publish(): void {
    while (this.#published < this.#allowed && this.#flying < FLYING) {
      this.#flying++
      void this.#sessions
        .get(this.client.session!.id)
        .send(`p ${++this.#published}`)
        .then(() => {
          this.#flying--
          this.#publish()
        })
    }
  }
}
