/**
 * What a page measures of its own sockets. It is given to the page as text, and so needs nothing from outside.
 *
 * The processes of an engine that read the network take about as long for a message as the page does, so that a stream of
 * messages says little of the page. So a page that receives stays busy until a burst is there, and what is timed is how
 * long the page takes for it. What it sends is timed until the engine has passed all of it on.
 */

export interface PageLoad {
  readonly way: 'receive' | 'send'
  readonly kind: 'text' | 'binary'
  /** Bytes of each message. */
  readonly size: number
  /** Messages of one burst, a multiple of `part`. */
  readonly burst: number
  /** Messages received that are timed together: a page's clock is coarse. */
  readonly part: number
  /** Bursts of each contender. */
  readonly bursts: number
  /** How long the page stays busy for a burst to arrive, in ms. */
  readonly busy: number
  readonly url: string
}

/** Messages a second. */
export interface Rates {
  readonly engine: number
  /** Another socket of the engine's own class: what it differs by says how far a difference can be believed. */
  readonly again: number
  readonly socket: number
  readonly face: number
}

/** Of ReconnectingSocket and of a WebSocket what is used. */
interface Client {
  binaryType: string
  readonly bufferedAmount: number
  on?(type: string, listener: (data: unknown) => void): void
  onopen: (() => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
  send(data: unknown): void
  close(): void
}
type ClientClass = new (url: string) => Client

interface Page {
  readonly WebSocket: ClientClass
  readonly everopen: { readonly ReconnectingSocket: ClientClass; readonly ReconnectingWebSocket: ClientClass }
}

/**
 * All contenders have a socket, and each burst is another one's, so that what else the machine does is the same for all.
 * A rate is that of the fastest twentieth of the times: other programs can only make it slower.
 */
export async function measure({ way, kind, size, burst, part, bursts, busy, url }: PageLoad): Promise<Rates> {
  /** Messages sent in one task. */
  const TASK = 100
  /** Messages sent one after the other, more than an engine takes at once. */
  const STREAM = 4_000
  const { WebSocket, everopen } = globalThis as unknown as Page
  const data = kind === 'text' ? 'x'.repeat(size) : new Uint8Array(size).fill(120)
  const { port1, port2 } = new MessageChannel()
  const task = (): Promise<void> =>
    new Promise((resolve) => {
      port1.onmessage = () => resolve()
      port2.postMessage(0)
    })

  async function open(Class: ClientClass) {
    const times: number[] = []
    let came = 0
    let bytes = 0
    let start = 0
    let done!: () => void
    // the same of each contender: an engine makes the data of an event when it is asked for
    const take = (data: unknown): void => {
      bytes += (data as string).length ?? (data as ArrayBuffer).byteLength
      if (++came % part > 0) return
      const now = performance.now()
      if (start > 0) times.push((now - start) / part)
      start = now
      if (came % burst === 0) done()
    }
    const socket = new Class(way === 'receive' ? `${url}?count=${burst}&size=${size}&kind=${kind}` : url)
    socket.binaryType = 'arraybuffer'
    await new Promise<void>((resolve) => {
      if (socket.on) {
        socket.on('message', take)
        socket.on('open', () => resolve())
      } else {
        socket.onmessage = ({ data }) => take(data)
        socket.onopen = () => resolve()
      }
    })
    return {
      async receive() {
        const all = new Promise<void>((resolve) => (done = resolve))
        start = 0
        socket.send('go')
        await task()
        for (const until = performance.now() + busy; performance.now() < until;);
        await all
      },
      async send() {
        start = performance.now()
        for (let sent = 0; sent < STREAM; sent += TASK) {
          for (let i = 0; i < TASK; i++) socket.send(data)
          do await task()
          while (socket.bufferedAmount > 1_048_576)
        }
        while (socket.bufferedAmount > 0) await task()
        times.push((performance.now() - start) / STREAM)
      },
      end(): number {
        socket.close()
        if (way === 'receive' && bytes !== burst * bursts * size) throw new Error(`${bytes} bytes came`)
        return 1_000 / times.sort((a, b) => a - b)[Math.floor(times.length / 20)]!
      },
    }
  }

  const engine = await open(WebSocket)
  const socket = await open(everopen.ReconnectingSocket)
  const face = await open(everopen.ReconnectingWebSocket)
  const again = await open(WebSocket)
  const turns = [engine, socket, face, again]
  for (let i = 0; i < bursts; i++)
    for (let turn = 0; turn < turns.length; turn++) await turns[(i + turn) % turns.length]![way]()
  port1.close()
  return { engine: engine.end(), again: again.end(), socket: socket.end(), face: face.end() }
}
