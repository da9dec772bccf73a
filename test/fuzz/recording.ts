/** A recording under a client of `ws`: which messages its system was given, whole, by one connection. */
import type { IncomingMessage } from 'node:http'
import type { Duplex, Writable } from 'node:stream'
import * as ws from 'ws'
import type { WebSocketClass } from '../../src/index.js'
import { read, type Seen } from './payload.js'

interface Deflate {
  accept(offers: unknown): unknown
  cleanup(): void
}

// exported by ws, and missing from its types
const { PerMessageDeflate, Receiver, extension } = ws as unknown as {
  PerMessageDeflate: new (options: object) => Deflate
  Receiver: new (options: object) => Writable
  extension: { parse(header: string): Record<string, unknown> }
}
const NAME = 'permessage-deflate'

type Callback = (error?: Error | null) => void
interface Chunk {
  readonly chunk: Buffer | string
  readonly encoding: BufferEncoding
}
interface Inner {
  _write(chunk: Buffer | string, encoding: BufferEncoding, done: Callback): void
  _writev?(chunks: readonly Chunk[], done: Callback): void
}

export class Recording {
  readonly #given: Buffer[] = []
  readonly #extensions: string | undefined
  /** Whether one write is being completed, and the next is begun by the stream itself. */
  #within: 'completion' | 'elsewhere' = 'elsewhere'

  constructor({ headers, socket }: IncomingMessage) {
    this.#extensions = headers['sec-websocket-extensions']
    this.#tap(socket as Duplex as Duplex & Inner)
  }

  /** Sees what the stream is about to write, and whether it is refused at once. */
  #tap(stream: Duplex & Inner): void {
    const write = stream._write.bind(stream)
    stream._write = (chunk, encoding, done) =>
      this.#pass(stream, [{ chunk, encoding }], done, (then) => write(chunk, encoding, then))
    const writev = stream._writev?.bind(stream)
    if (writev)
      stream._writev = (chunks, done) => this.#pass(stream, chunks, done, (then) => writev(chunks, then))
    // whoever calls these sees what comes of it, also from within the completion of another write
    for (const name of ['write', 'uncork'] as const) {
      const method = stream[name].bind(stream) as (...args: unknown[]) => unknown
      Object.assign(stream, {
        [name]: (...args: unknown[]) => this.#during('elsewhere', () => method(...args)),
      })
    }
  }

  #during<T>(within: 'completion' | 'elsewhere', what: () => T): T {
    const before = this.#within
    this.#within = within
    try {
      return what()
    } finally {
      this.#within = before
    }
  }

  #pass(stream: Duplex, chunks: readonly Chunk[], done: Callback, begin: (then: Callback) => void): void {
    const bytes = chunks.map(({ chunk, encoding }) =>
      typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk),
    )
    let stage: 'beginning' | 'under way' | 'refused' = 'beginning'
    begin((error) => {
      // what the stream writes by itself, behind a write that has just come through, nobody else can see refused
      if (stage === 'beginning' && error && this.#within === 'elsewhere') stage = 'refused'
      this.#during(stage === 'under way' ? 'completion' : this.#within, () => done(error))
    })
    // the layer of TLS does not call back: it destroys the stream before the write returns
    if (stream.errored && this.#within === 'elsewhere') stage = 'refused'
    if ((stage as string) === 'refused') return
    stage = 'under way'
    this.#given.push(...bytes)
  }

  /** The messages of which the system was given anything: frames are handed over whole. */
  async messages(): Promise<Seen[]> {
    const deflate = this.#extensions === undefined ? undefined : new PerMessageDeflate({ isServer: true })
    deflate?.accept(extension.parse(this.#extensions!)[NAME])
    const receiver = new Receiver({
      isServer: true,
      ...(deflate && { extensions: { [NAME]: deflate } }),
    })
    const seen: Seen[] = []
    await new Promise<void>((resolve, reject) => {
      receiver.on('message', (data: Buffer, isBinary: boolean) => {
        try {
          seen.push(read(data, isBinary))
        } catch (error) {
          reject(error as Error)
        }
      })
      receiver.on('error', reject).on('finish', resolve)
      // a Close frame ends what is read
      receiver.on('conclude', () => resolve())
      for (const chunk of this.#given) receiver.write(chunk)
      receiver.end()
    })
    deflate?.cleanup()
    return seen
  }
}

/** A class of `ws` whose connections are recorded. */
export function recorded(into: Recording[]): WebSocketClass {
  return class extends ws.WebSocket {
    constructor(url: string, protocols?: string[], options?: object) {
      super(url, protocols, options)
      this.on('upgrade', (response) => into.push(new Recording(response)))
    }
  }
}
