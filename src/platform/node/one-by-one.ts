/**
 * The way out over a stream that does not tell what it has given away, such as a Duplex that a user made: a message is
 * handed over when the one before is through. Of that one nobody can tell; the others are certainly still here.
 */
import type { Message } from '../../delivery/outbox.js'
import { copyOf, isBlob, payloadSize, type Sendable } from '../../delivery/payload.js'
import { Queue } from '../../delivery/queue.js'
import { hand, type Opened, type Outgoing, type OutgoingListener } from './outgoing.js'

const OPEN = 1

interface Waiting {
  readonly message: Message
  readonly kind: 'message' | 'beat'
}

/** A heartbeat's is none of the application's. */
const payloadIn = ({ message, kind }: Waiting): number => (kind === 'message' ? payloadSize(message.data) : 0)

export class OneByOne implements Outgoing {
  readonly #socket: Opened['socket']
  readonly #stream: Opened['stream']
  readonly #listener: OutgoingListener
  /** The first of them is being read, or handed over and not through. */
  readonly #waiting = new Queue<Waiting>()
  #first: 'none' | 'reading' | 'handed over' = 'none'
  /** Of those that were not handed over. */
  #bytes = 0
  /** Of messages alone, until they are through. */
  #payload = 0
  /** The closing handshake that comes behind them. */
  #closing: (() => void) | undefined

  constructor({ socket, stream }: Opened, listener: OutgoingListener) {
    this.#socket = socket
    this.#stream = stream
    this.#listener = listener
  }

  get bufferedAmount(): number {
    return this.#bytes + this.#socket.bufferedAmount
  }

  get payloads(): number {
    return this.#payload
  }

  send(message: Message): boolean {
    return this.#add({ message: { ...message, data: copyOf(message.data) }, kind: 'message' })
  }

  beat(data: Sendable): void {
    this.#add({ message: { data: copyOf(data), expires: Infinity }, kind: 'beat' })
  }

  close(code?: number, reason?: string): void {
    const closing = (): void => this.#socket.close(code, reason)
    if (this.#waiting.size === 0) closing()
    else this.#closing = closing
  }

  unsent(): readonly Message[] {
    const waiting = [...this.#waiting].slice(this.#first === 'handed over' ? 1 : 0)
    return waiting.filter(({ kind }) => kind === 'message').map(({ message }) => message)
  }

  #add(waiting: Waiting): boolean {
    this.#waiting.push(waiting)
    this.#bytes += payloadSize(waiting.message.data)
    this.#payload += payloadIn(waiting)
    this.#next()
    return true
  }

  #next(): void {
    const next = this.#waiting.peek()
    if (!next) return this.#closing?.()
    if (this.#first !== 'none' || this.#socket.readyState !== OPEN) return
    const { data } = next.message
    if (!isBlob(data)) return this.#hand(data)
    this.#first = 'reading'
    data.arrayBuffer().then(
      (bytes) => this.#hand(bytes),
      () => {
        this.#shift()
        this.#listener.onLost(data)
        this.#next()
      },
    )
  }

  #hand(data: Sendable): void {
    if (this.#socket.readyState !== OPEN) return
    this.#first = 'handed over'
    this.#bytes -= payloadSize(this.#waiting.peek()!.message.data)
    hand(this.#socket, data, (error) => {
      if (error) return
      this.#payload -= payloadIn(this.#waiting.shift()!)
      this.#first = 'none'
      if (this.#waiting.size === 0) this.#listener.onRoom()
      this.#next()
    })
    // refused: not a byte of it was taken
    if (this.#stream.errored) this.#first = 'none'
  }

  #shift(): void {
    const waiting = this.#waiting.shift()!
    this.#bytes -= payloadSize(waiting.message.data)
    this.#payload -= payloadIn(waiting)
    this.#first = 'none'
  }
}
