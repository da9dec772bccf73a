/**
 * Sends over a stream that does not show how much it has written, such as a user's Duplex: one message at a time, each
 * after the write before it is done. Whether the current one was sent is unknown; the others are known not to have
 * been.
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

/** Messages of the heartbeat do not count. */
const payloadIn = ({ message, kind }: Waiting): number => (kind === 'message' ? payloadSize(message.data) : 0)

export class OneByOne implements Outgoing {
  readonly #socket: Opened['socket']
  readonly #stream: Opened['stream']
  readonly #listener: OutgoingListener
  /** The first may be being read or written. */
  readonly #waiting = new Queue<Waiting>()
  #first: 'none' | 'reading' | 'handed over' = 'none'
  /** Bytes that have not been handed over. */
  #bytes = 0
  /** Bytes of messages only, until they are written. */
  #payload = 0
  /** The closing handshake, to start after them. */
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
    // another Blob than Node's may have no such method
    const read = async (): Promise<ArrayBuffer> => data.arrayBuffer()
    read().then(
      (bytes) => this.#hand(bytes),
      () => {
        // whoever has it back finds out again
        if (this.#socket.readyState !== OPEN) return
        this.#shift()
        // a heartbeat is nobody's loss
        if (next.kind === 'message') this.#listener.onLost(data)
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
    // refused: none of its bytes were accepted
    if (this.#stream.errored) this.#first = 'none'
  }

  #shift(): void {
    const waiting = this.#waiting.shift()!
    this.#bytes -= payloadSize(waiting.message.data)
    this.#payload -= payloadIn(waiting)
    this.#first = 'none'
  }
}
