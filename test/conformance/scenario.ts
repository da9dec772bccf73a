/**
 * What a conformance scenario is: a function over any WebSocket class and a server, which returns a transcript of
 * what it saw. The same scenarios run in Node and in pages, against ReconnectingWebSocket and the engine's own class.
 */

/** The part of an engine's own class that scenarios use. */
export interface Socket extends EventTarget {
  readonly url: string
  readonly readyState: number
  readonly bufferedAmount: number
  readonly extensions: string
  readonly protocol: string
  binaryType: string
  onopen: unknown
  onmessage: unknown
  onerror: unknown
  onclose: unknown
  send(data: unknown): unknown
  close(code?: unknown, reason?: unknown): unknown
}

/** What a scenario runs against. */
export interface Setup {
  /** The interface object, for looking at. */
  readonly WebSocket: { new (...args: unknown[]): Socket; readonly prototype: object }
  /** `new WebSocket(...args)`; for ReconnectingWebSocket with `retry: false`. */
  readonly create: (...args: unknown[]) => Socket
  /** The address of the server in server.ts, without a trailing slash: `ws://127.0.0.1:1234`. */
  readonly server: string
}

export interface Scenario {
  readonly name: string
  /** `page`: needs a document. */
  readonly where?: 'page'
  /** Returns something JSON can hold. */
  readonly run: (setup: Setup) => unknown
  /** What the standard says it returns: what ReconnectingWebSocket returns, everywhere. */
  readonly expected: unknown
  /** What an engine's own class returns that departs from the standard here. */
  readonly also?: unknown
}

/** A setup for ReconnectingWebSocket, which is the engine's class to the letter only where it does not retry. */
export function faceSetup(face: unknown, server: string): Setup {
  const WebSocket = face as Setup['WebSocket']
  const create = (...args: unknown[]): Socket =>
    args.length === 0 ? new WebSocket() : new WebSocket(args[0], args[1], { retry: false })
  return { WebSocket, create, server }
}

/** A setup for an engine's own class. */
export function nativeSetup(native: unknown, server: string): Setup {
  const WebSocket = native as Setup['WebSocket']
  return { WebSocket, create: (...args) => new WebSocket(...args), server }
}

/** Runs a scenario. Rejects when it throws, or takes longer than `limit` ms. */
export async function play(scenario: Scenario, setup: Setup, limit = 10_000): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${scenario.name}: not over after ${limit} ms`)), limit)
  })
  try {
    return JSON.parse(JSON.stringify(await Promise.race([scenario.run(setup), late])))
  } finally {
    clearTimeout(timer)
  }
}

/** The next event of a type. */
export function next<T extends Event = Event>(socket: EventTarget, type: string): Promise<T> {
  return new Promise((resolve) =>
    socket.addEventListener(type, (event) => resolve(event as T), { once: true }),
  )
}

/** Resolves in a later task. */
export function task(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve))
}

/** What a function throws, as the standard names it: `TypeError`, `DOMException SyntaxError`; else what it returns. */
export function outcome(run: () => unknown): unknown {
  try {
    const value = run()
    return { returns: value === undefined ? 'undefined' : value }
  } catch (error) {
    if (error instanceof DOMException) return `DOMException ${error.name}`
    return error instanceof Error ? error.constructor.name : `threw ${String(error)}`
  }
}

/** Writes down every event of a socket, with the readyState that its listener sees, until `close`. */
export function transcript(socket: Socket): { readonly lines: string[]; readonly end: Promise<string[]> } {
  const lines: string[] = []
  const note = (line: string): void => void lines.push(`${line} [${socket.readyState}]`)
  socket.addEventListener('open', () => note('open'))
  socket.addEventListener('message', (event) => note(`message ${String((event as MessageEvent).data)}`))
  socket.addEventListener('error', () => note('error'))
  const end = new Promise<string[]>((resolve) => {
    socket.addEventListener('close', (event) => {
      const { code, reason, wasClean } = event as CloseEvent
      note(`close ${code} ${JSON.stringify(reason)} ${wasClean ? 'clean' : 'unclean'}`)
      // whatever comes after it must not come at all
      void task()
        .then(task)
        .then(() => resolve(lines))
    })
  })
  return { lines, end }
}
