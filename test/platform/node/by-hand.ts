/** A link of Node over a stream whose system is the test: it takes what is written, or holds it, or refuses it. */
import { setImmediate as turn } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { NodeOptions } from '../../../src/options/node-options.js'
import { platform } from '../../../src/platform/node.js'
import { dialOptions, LinkRecorder } from '../../sim/listener.js'
import { NetStream } from '../../sim/net-stream.js'
import { acceptance, decode, keyIn, type Frame } from '../../faults/raw-server.js'

type Done = (error?: Error | null) => void

export class ByHand extends NetStream {
  connecting = false
  system: 'takes' | 'holds' | 'refuses' = 'takes'
  /** How many writes the system was given. */
  writes = 0
  /** The frames that it accepted, whole or being written. */
  readonly given: Frame[] = []
  /** How many of them it has taken for certain. */
  taken = 0
  readonly #extensions: string
  #opened: 'no' | 'yes' = 'no'
  #held: Done | undefined
  /** Whether the stream goes on by itself with what is queued: nobody is told if that is refused. */
  #alone: 'no' | 'yes' = 'no'

  constructor(extensions: string) {
    super()
    this.#extensions = extensions
  }

  /** The write that the system holds is done, or fails. */
  complete(): void {
    const done = this.#held
    this.#held = undefined
    this.taken = this.given.length
    this.#alone = 'yes'
    done?.(this.system === 'refuses' ? new Error('refused') : null)
    this.#alone = 'no'
  }

  override _read(): void {}

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: Done): void {
    this.#pass(Buffer.from(chunk as string, encoding), done)
  }

  override _writev(chunks: readonly { chunk: Buffer }[], done: Done): void {
    this.#pass(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  #pass(bytes: Buffer, done: Done): void {
    this.dispatched += bytes.length
    if (this.#opened === 'no') return this.#accept(bytes.toString(), done)
    this.writes++
    if (this.system !== 'refuses' || this.#alone === 'yes') this.given.push(...decode(bytes).frames)
    if (this.system === 'refuses') return done(new Error('refused'))
    if (this.system === 'holds') this.#held = done
    else {
      this.taken = this.given.length
      done()
    }
  }

  #accept(request: string, done: Done): void {
    this.#opened = 'yes'
    const further = this.#extensions === '' ? [] : [`Sec-WebSocket-Extensions: ${this.#extensions}`]
    done()
    setImmediate(() => this.push(acceptance(keyIn(request), further)))
  }
}

/** An open link over such a stream. */
export async function byHand(perMessageDeflate: NodeOptions['perMessageDeflate'] = false) {
  const stream = new ByHand(perMessageDeflate ? 'permessage-deflate' : '')
  const listener = new LinkRecorder()
  const link = platform.dial(
    { url: 'ws://by.hand/', protocols: undefined },
    { ...dialOptions, node: { createConnection: (() => stream) as never, perMessageDeflate } },
    listener,
  )
  onTestFinished(() => link.drop())
  await listener.until('open')
  await turn()
  return { link, stream, listener }
}
