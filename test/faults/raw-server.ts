/**
 * A WebSocket server on a bare TCP socket, which does to its peer exactly what a test asks for. No library: nothing
 * answers, closes or tidies up of its own accord.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import net from 'node:net'

/** A frame from the client, unmasked. */
export interface Frame {
  readonly fin: boolean
  readonly opcode: number
  readonly payload: Buffer
}

export const TEXT = 1
export const BINARY = 2
export const CLOSE = 8
export const PING = 9
export const PONG = 10

/** The head and payload of a server's frame: whole and unmasked. */
export function encode(opcode: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const { length } = payload
  const wide = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const head = Buffer.alloc(2 + wide)
  head[0] = 0x80 | opcode
  head[1] = wide === 0 ? length : wide === 2 ? 126 : 127
  if (wide === 2) head.writeUInt16BE(length, 2)
  if (wide === 8) head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head, payload])
}

/** The payload of a Close frame: empty without a code. */
export function closePayload(code?: number, reason = ''): Buffer {
  if (code === undefined) return Buffer.alloc(0)
  const head = Buffer.alloc(2)
  head.writeUInt16BE(code)
  return Buffer.concat([head, Buffer.from(reason)])
}

/** The code in the payload of a Close frame, 1005 for none. */
export function closeCode(payload: Buffer): number {
  return payload.length < 2 ? 1005 : payload.readUInt16BE()
}

/** Takes the whole frames off the front of what was received; `rest` is the beginning of the next. */
export function decode(bytes: Buffer): { readonly frames: Frame[]; readonly rest: Buffer } {
  const frames: Frame[] = []
  let rest = bytes
  for (;;) {
    if (rest.length < 2) return { frames, rest }
    const short = rest[1]! & 0x7f
    const at = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0)
    if (rest.length < at) return { frames, rest }
    const size =
      short === 126 ? rest.readUInt16BE(2) : short === 127 ? Number(rest.readBigUInt64BE(2)) : short
    const end = at + 4 + size
    if (rest.length < end) return { frames, rest }
    const mask = rest.subarray(at, at + 4)
    const payload = Buffer.from(rest.subarray(at + 4, end))
    for (let i = 0; i < size; i++) payload[i]! ^= mask[i & 3]!
    frames.push({ fin: (rest[0]! & 0x80) !== 0, opcode: rest[0]! & 0x0f, payload })
    rest = rest.subarray(end)
  }
}

/** The key in the head of a request to upgrade. */
export function keyIn(request: string): string {
  return /sec-websocket-key: *(\S+)/i.exec(request)?.[1] ?? ''
}

/** The head of the answer that accepts an upgrade. RFC 6455, section 4.2.2. */
export function acceptance(key: string, further: readonly string[] = []): string {
  const proof = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
  return [...lines, `Sec-WebSocket-Accept: ${proof}`, ...further, '', ''].join('\r\n')
}

/** One TCP connection, from its accept on. */
export class RawConnection {
  readonly tcp: net.Socket
  /** The head of the client's request, once it is here. */
  readonly request: Promise<string>
  /** The client's side is over, by FIN or RST. */
  readonly ended: Promise<void>
  readonly frames: Frame[] = []
  /**
   * What it does by itself once accepted. `politely`: Close is answered by Close and FIN, ping by pong, FIN by FIN.
   * `nothing`: the client's every word is read and left unanswered, its FIN too.
   */
  answers: 'politely' | 'nothing' = 'politely'
  /** When the TCP connection was accepted, in ms. */
  readonly at = performance.now()
  #head = ''
  #bytes: Buffer | undefined
  #watchers = new Set<() => void>()

  constructor(tcp: net.Socket) {
    this.tcp = tcp
    let gotRequest!: (head: string) => void
    this.request = new Promise((resolve) => (gotRequest = resolve))
    this.ended = new Promise((resolve) => {
      tcp.on('end', () => resolve()).on('close', () => resolve())
    })
    tcp.on('error', () => {})
    tcp.on('end', () => this.answers === 'politely' && tcp.end())
    tcp.on('data', (chunk) => {
      if (this.#bytes) return this.#read(chunk)
      this.#head += chunk.toString('latin1')
      const end = this.#head.indexOf('\r\n\r\n')
      if (end < 0) return
      this.#bytes = Buffer.from(this.#head.slice(end + 4), 'latin1')
      this.#head = this.#head.slice(0, end)
      gotRequest(this.#head)
    })
  }

  /** Answers the upgrade, now or when it comes; `after` goes out in the same write. */
  async accept({
    protocol,
    after = Buffer.alloc(0),
  }: { protocol?: string; after?: Buffer } = {}): Promise<void> {
    const further = protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]
    this.write(Buffer.concat([Buffer.from(acceptance(keyIn(await this.request), further)), after]))
  }

  /** Answers the upgrade with something else. Does not end the connection. */
  async refuse(status: number, headers: readonly string[] = [], body = ''): Promise<void> {
    await this.request
    this.write([`HTTP/1.1 ${status} Test`, ...headers, '', body].join('\r\n'))
  }

  write(bytes: Buffer | string): boolean {
    return this.tcp.writable && this.tcp.write(bytes)
  }

  send(data: string | Buffer): boolean {
    return this.write(typeof data === 'string' ? encode(TEXT, Buffer.from(data)) : encode(BINARY, data))
  }

  /** A Close frame alone: the TCP connection stays. */
  sendClose(code?: number, reason?: string): void {
    this.write(encode(CLOSE, closePayload(code, reason)))
  }

  /** A Close frame, then FIN. */
  close(code?: number, reason?: string): void {
    this.sendClose(code, reason)
    this.tcp.end()
  }

  fin(): void {
    this.tcp.end()
  }

  rst(): void {
    this.tcp.resetAndDestroy()
  }

  /** The text messages received so far. */
  get texts(): string[] {
    return this.frames.filter(({ opcode }) => opcode === TEXT).map(({ payload }) => payload.toString())
  }

  /** Resolves with the `count`-th frame of that kind, once it is here. */
  frame(opcode: number, count = 1): Promise<Frame> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.frames.filter((frame) => frame.opcode === opcode)[count - 1]
        if (!found) return
        this.#watchers.delete(look)
        resolve(found)
      }
      this.#watchers.add(look)
      look()
    })
  }

  #read(chunk: Buffer): void {
    const { frames, rest } = decode(Buffer.concat([this.#bytes!, chunk]))
    this.#bytes = rest
    for (const frame of frames) {
      this.frames.push(frame)
      if (this.answers === 'politely') this.#answer(frame)
    }
    for (const look of [...this.#watchers]) look()
  }

  #answer({ opcode, payload }: Frame): void {
    if (opcode === PING) this.write(encode(PONG, payload))
    if (opcode !== CLOSE) return
    this.write(encode(CLOSE, payload))
    this.tcp.end()
  }
}

export interface RawServer {
  readonly port: number
  readonly url: string
  /** Every connection so far, in order. */
  readonly connections: readonly RawConnection[]
  /** Those whose TCP connection is not over yet. */
  readonly live: number
  /** The n-th connection, from 0, once it is here. */
  connection(n: number): Promise<RawConnection>
  /** Ends its half of every connection, as a process does that ends in good order. */
  release(): void
  stop(): Promise<void>
}

/** Listens on loopback; `script` says what becomes of each connection, n from 0. */
export async function serve(
  script: (connection: RawConnection, n: number) => void = () => {},
  port = 0,
): Promise<RawServer> {
  const connections: RawConnection[] = []
  const waiting = new Set<() => void>()
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (tcp) => {
    const connection = new RawConnection(tcp)
    connections.push(connection)
    script(connection, connections.length - 1)
    for (const look of [...waiting]) look()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve())
  })
  const address = server.address() as net.AddressInfo
  return {
    port: address.port,
    url: `ws://127.0.0.1:${address.port}/`,
    connections,
    get live() {
      return connections.filter(({ tcp }) => !tcp.destroyed).length
    },
    connection: (n) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = connections[n]
          if (!found) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
    release() {
      for (const connection of connections) {
        connection.answers = 'politely'
        connection.tcp.resume().end()
      }
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const { tcp } of connections) tcp.destroy()
      }),
  }
}

/** A port below the range that the kernel hands out by itself, so that it stays free while nobody listens. */
export function sparePort(): number {
  return 15_000 + Math.floor(Math.random() * 15_000)
}

export const ESTABLISHED = '01'
export const CLOSE_WAIT = '08'

/** Whether the kernel's table of TCP connections can be read: Linux only. */
export const kernelTable = process.platform === 'linux'

/** How many connections from or to `port` the kernel has in that state: of the client's side, or of the server's. */
export function kernelSockets(port: number, state: string, side: 'client' | 'server'): number {
  return kernelLines(port, state, side).length
}

/** Its lines about them. */
export function kernelLines(port: number, state: string, side: 'client' | 'server'): string[] {
  if (!kernelTable) return []
  const suffix = ':' + port.toString(16).toUpperCase().padStart(4, '0')
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    read(file)
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
      .filter((line) => {
        const [, local, remote, st] = line.split(/\s+/)
        return st === state && (side === 'client' ? remote : local)?.endsWith(suffix)
      }),
  )
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // no IPv6 here
    return ''
  }
}
