/** A WebSocket client with nothing in it: a TCP socket, what it was told, and frames made by hand. */
import net from 'node:net'
import { frame } from './faults/frames.js'

export class RawClient {
  /** Everything that was received. */
  bytes: Buffer = Buffer.alloc(0)
  /** The peer has sent FIN. */
  ended = false
  closed = false
  /** Code of the error of the TCP socket: ECONNRESET is an RST, ECONNREFUSED a port where nobody listens. */
  error: string | undefined
  readonly #tcp: net.Socket
  readonly #wakers = new Set<() => void>()

  constructor(port: number, path: string) {
    this.#tcp = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    this.#tcp.on('data', (chunk) => this.#note(() => (this.bytes = Buffer.concat([this.bytes, chunk]))))
    this.#tcp.on('end', () => this.#note(() => (this.ended = true)))
    this.#tcp.on('close', () => this.#note(() => (this.closed = true)))
    this.#tcp.on('error', (error: NodeJS.ErrnoException) => this.#note(() => (this.error = error.code)))
    this.#tcp.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    )
  }

  /** Waits until it holds. */
  until(holds: (client: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const waker = (): void => {
        if (!holds(this)) return
        this.#wakers.delete(waker)
        resolve()
      }
      this.#wakers.add(waker)
      waker()
    })
  }

  /** The header of the answer to the handshake. */
  async head(): Promise<string> {
    await this.until(({ bytes }) => bytes.includes('\r\n\r\n'))
    return this.bytes.subarray(0, this.bytes.indexOf('\r\n\r\n')).toString()
  }

  /** Whatever came after that header. */
  get frames(): Buffer {
    const at = this.bytes.indexOf('\r\n\r\n')
    return at < 0 ? Buffer.alloc(0) : this.bytes.subarray(at + 4)
  }

  /** Sends a text message, masked as a client must. */
  send(text: string): void {
    const bytes = Buffer.from(text)
    if (bytes.length < 126) return void this.#tcp.write(frame(0x81, bytes, Buffer.from([1, 2, 3, 4])))
    const zeros = Buffer.from([0x81, 0xfe, bytes.length >> 8, bytes.length & 0xff, 0, 0, 0, 0])
    this.#tcp.write(Buffer.concat([zeros, bytes]))
  }

  /** Waits until that text has come back. */
  async echo(text: string): Promise<void> {
    await this.until(({ frames }) => frames.includes(text))
  }

  destroy(): void {
    this.#tcp.destroy()
  }

  #note(change: () => void): void {
    change()
    for (const waker of [...this.#wakers]) waker()
  }
}
