/** One direction of a TCP connection through the demo's proxy. Bytes may be held up or slowed down, never lost. */
import type { Socket } from 'node:net'

/** Every byte is on its way for `delay` ms; of all bytes, `rate` per second arrive, 0 for as many as there are. */
export interface Slowness {
  readonly delay: number
  readonly rate: number
}

/** Beyond this the sender is read no more, and its own buffers fill. */
const MOST_BYTES = 256 * 1024
/** How much of a second's worth of bytes is delivered at a time. */
const SLICE = 1 / 20

export class Way {
  readonly #from: Socket
  readonly #to: Socket
  #slowness: Slowness = { delay: 0, rate: 0 }
  #stalled = false
  /** What is on its way; `end` is the FIN. */
  readonly #queue: { readonly due: number; chunk: Buffer | 'end' }[] = []
  #bytes = 0
  /** When the rate allows the next byte. */
  #free = 0
  #timer: NodeJS.Timeout | undefined
  #ended = false

  constructor(from: Socket, to: Socket) {
    this.#from = from
    this.#to = to
    from.on('data', (chunk) => {
      this.#bytes += chunk.length
      this.#put(chunk)
    })
    from.on('end', () => this.#end())
    from.on('close', () => this.#end())
    to.on('drain', () => this.#pump())
    to.on('close', () => clearTimeout(this.#timer))
  }

  /** Nothing arrives any more, not even the end, until it flows again. */
  set stalled(stalled: boolean) {
    this.#stalled = stalled
    this.#pump()
  }

  get stalled(): boolean {
    return this.#stalled
  }

  /** From the next byte on; those that wait for the rate go by the new one. */
  set slowness(slowness: Slowness) {
    this.#slowness = slowness
    this.#free = 0
    this.#pump()
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#put('end')
  }

  #put(chunk: Buffer | 'end'): void {
    this.#queue.push({ due: performance.now() + this.#slowness.delay, chunk })
    this.#pump()
  }

  #pump(): void {
    clearTimeout(this.#timer)
    for (let head = this.#queue[0]; head && !this.#stalled; head = this.#queue[0]) {
      if (this.#to.destroyed || this.#to.writableNeedDrain) break
      const now = performance.now()
      const at = head.chunk === 'end' ? head.due : Math.max(head.due, this.#free)
      if (at > now) {
        this.#timer = setTimeout(() => this.#pump(), Math.ceil(at - now))
        break
      }
      const { rate } = this.#slowness
      const { chunk } = head
      const piece = chunk === 'end' || rate === 0 ? chunk : chunk.subarray(0, Math.max(1, rate * SLICE))
      if (piece === 'end') {
        this.#queue.shift()
        this.#to.end()
        continue
      }
      if (piece.length === chunk.length) this.#queue.shift()
      else head.chunk = (chunk as Buffer).subarray(piece.length)
      this.#bytes -= piece.length
      if (rate > 0) this.#free = now + (1_000 * piece.length) / rate
      this.#to.write(piece)
    }
    if (this.#bytes > MOST_BYTES) this.#from.pause()
    else this.#from.resume()
  }
}
