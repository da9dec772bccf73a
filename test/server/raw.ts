/** A client that says whatever a test wants, over a bare TCP socket. */
import net from 'node:net'
import { SUBPROTOCOL } from '../../src/session/protocol/wire.js'
import { frame } from '../faults/frames.js'

const TEXT = 0x81
const BINARY = 0x82
const CLOSE = 0x88

export class RawPeer {
  /** Texts that were received. */
  readonly texts: string[] = []
  /** The code that the server closed with. */
  closed: number | undefined
  /** The TCP connection is over. */
  over: 'no' | 'yes' = 'no'
  readonly tcp: net.Socket
  readonly #waiting = new Set<() => void>()
  #bytes = Buffer.alloc(0)
  #head: 'expected' | 'read' = 'expected'

  constructor(port: number, { protocol = SUBPROTOCOL, path = '/' } = {}) {
    this.tcp = net.connect({ port, host: '127.0.0.1', noDelay: true })
    this.tcp.on('error', () => {})
    this.tcp.on('data', (data) => this.#read(data))
    this.tcp.on('close', () => {
      this.over = 'yes'
      this.#note()
    })
    this.tcp.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n' +
        (protocol ? `Sec-WebSocket-Protocol: ${protocol}\r\n\r\n` : '\r\n'),
    )
  }

  text(text: string): this {
    this.tcp.write(masked(TEXT, Buffer.from(text)))
    return this
  }

  /** A control message. */
  control(letter: string, value: unknown): this {
    return this.text(`\u0001${letter}${JSON.stringify(value)}`)
  }

  binary(data: Buffer): this {
    this.tcp.write(masked(BINARY, data))
    return this
  }

  until(holds: (peer: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!holds(this)) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      look()
    })
  }

  /** The code that it is closed with. */
  async code(): Promise<number | undefined> {
    await this.until(({ closed, over }) => closed !== undefined || over === 'yes')
    return this.closed
  }

  /** The welcome, once it is here. */
  async welcome(): Promise<{ id: string; token: string; received: number; resumed: boolean }> {
    await this.until(({ texts }) => texts.some((text) => text.startsWith('\u0001w')))
    return JSON.parse(this.texts.find((text) => text.startsWith('\u0001w'))!.slice(2)) as never
  }

  destroy(): void {
    this.tcp.destroy()
  }

  #read(data: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, data])
    if (this.#head === 'expected') {
      const end = this.#bytes.indexOf('\r\n\r\n')
      if (end < 0) return
      this.#head = 'read'
      this.#bytes = this.#bytes.subarray(end + 4)
    }
    while (this.#frame());
    this.#note()
  }

  /** Takes one frame; the server's are never masked, and its texts here never longer than 64 KiB. */
  #frame(): boolean {
    const bytes = this.#bytes
    if (bytes.length < 2) return false
    const short = bytes[1]!
    const at = short === 126 ? 4 : 2
    if (bytes.length < at) return false
    const size = short === 126 ? bytes.readUInt16BE(2) : short
    if (bytes.length < at + size) return false
    const payload = bytes.subarray(at, at + size)
    if (bytes[0] === TEXT) this.texts.push(payload.toString())
    if (bytes[0] === CLOSE) this.closed ??= size < 2 ? 1005 : payload.readUInt16BE()
    this.#bytes = bytes.subarray(at + size)
    return true
  }

  #note(): void {
    for (const look of [...this.#waiting]) look()
  }
}

function masked(head: number, payload: Buffer): Buffer {
  const mask = Buffer.alloc(4)
  if (payload.length < 126) return frame(head, payload, mask)
  const long = Buffer.alloc(8)
  long[0] = head
  long[1] = 0xfe
  long.writeUInt16BE(payload.length, 2)
  return Buffer.concat([long, payload])
}
