/** What a page measures of its own sockets. It is given to the page as text, and so needs nothing from outside. */

export interface PageLoad {
  readonly contender: 'engine' | 'socket' | 'face'
  readonly way: 'receive' | 'send'
  readonly kind: 'text' | 'binary'
  /** Bytes of each message. */
  readonly size: number
  /** Messages of one measurement. */
  readonly count: number
  readonly url: string
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

/** Messages a second. */
export async function measure({ contender, way, kind, size, count, url }: PageLoad): Promise<number> {
  /** Messages sent in one task. */
  const BURST = 100
  const { WebSocket, everopen } = globalThis as unknown as Page
  const classes = {
    engine: WebSocket,
    socket: everopen.ReconnectingSocket,
    face: everopen.ReconnectingWebSocket,
  }
  const { port1, port2 } = new MessageChannel()
  const task = (): Promise<void> =>
    new Promise((resolve) => {
      port1.onmessage = () => resolve()
      port2.postMessage(0)
    })
  let left = count
  let done!: () => void
  const all = new Promise<void>((resolve) => (done = resolve))
  const listener = (): void => {
    if (--left === 0) done()
  }
  const socket = new classes[contender](
    way === 'receive' ? `${url}?count=${count}&size=${size}&kind=${kind}` : url,
  )
  socket.binaryType = 'arraybuffer'
  await new Promise<void>((resolve) => {
    if (socket.on) {
      socket.on('message', listener)
      socket.on('open', () => resolve())
    } else {
      socket.onmessage = listener
      socket.onopen = () => resolve()
    }
  })
  const data = kind === 'text' ? 'x'.repeat(size) : new Uint8Array(size).fill(120)
  const start = performance.now()
  if (way === 'receive') {
    socket.send('go')
    await all
  } else {
    for (let sent = 0; sent < count; sent += BURST) {
      for (let i = 0; i < BURST; i++) socket.send(data)
      do await task()
      while (socket.bufferedAmount > 1_048_576)
    }
    while (socket.bufferedAmount > 0) await task()
  }
  const rate = (count / (performance.now() - start)) * 1_000
  socket.close()
  port1.close()
  return rate
}
