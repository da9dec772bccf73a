/** Programs of users of reconnecting-websocket and partysocket, for the compiler: only the import changes. */

/** Where the names of the programs are imported from. */
export const heads = {
  'reconnecting-websocket': (from: string) => `
  import Socket, { type CloseEvent as Closed, type ErrorEvent as Failed, type Event as Occurred } from '${from}'
  import type { ListenersMap, Message, Options, UrlProvider } from '${from}'`,
  // its types of events have an entry of their own
  partysocket: (from: string) => `
  import PartySocket, { WebSocket as Socket, type PartyFetchOptions, type PartySocketOptions } from '${from}'
  import { CloseEvent as Closed, ErrorEvent as Failed } from '${from.replace(/^partysocket$/, 'partysocket/ws')}'
  import type { Message, Options, ProtocolsProvider, UrlProvider, WebSocketEventMap } from '${from.replace(/^partysocket$/, 'partysocket/ws')}'
  type Occurred = WebSocketEventMap['open']`,
} as const

/** With both packages, whatever the platform. */
const everywhere = `
  const given: Options = { maxRetries: 3, minUptime: 1_000, startClosed: true, debug: false }
  const url: UrlProvider = async () => 'wss://a.test/'
  const socket = new Socket(url, ['a', 'b'], given)
  void [new Socket('wss://a.test/'), new Socket(() => 'wss://a.test/', 'a'), new Socket(url, undefined, { WebSocket: class {} })]
  void [new Socket(url, [], { connectionTimeout: 1, maxEnqueuedMessages: 1, maxReconnectionDelay: 1, minReconnectionDelay: 1, reconnectionDelayGrowFactor: 1 })]
  interface More extends Options { readonly token?: string }
  const more: More = { ...given, token: 'x' }
  const record: Record<string, unknown> = given
  const { maxRetries = 5 } = more
  const retries: number = maxRetries
  const [first, ...others]: ConstructorParameters<typeof Socket> = [url]
  void [new Socket(first, ...others), record, retries]

  const opened = (event: Occurred): void => void event.type
  const failed = (event: Failed): void => void (event.error.stack ?? event.message)
  const closed = (event: Closed): void => void [event.code.toFixed(), event.reason.trim(), event.wasClean, event.type]

  socket.onopen = opened
  socket.onerror = failed
  socket.onclose = closed
  socket.onopen = (event: Occurred) => void event.type
  socket.onerror = (event: Failed) => void event.error.message
  socket.onclose = (event: Closed) => void event.code
  socket.onopen = (event) => opened(event)
  socket.onerror = (event) => failed(event)
  socket.onclose = (event) => closed(event)
  socket.onmessage = (event) => void JSON.parse(event.data).a.b
  socket.onclose = ({ code, reason, wasClean }) => void [code, reason, wasClean]
  socket.onclose = ({ code }: { code: number }) => void code
  socket.onclose = function (event) { closed(event) }
  socket.onopen = socket.onerror = socket.onclose = socket.onmessage = () => {}
  socket.onopen = socket.onerror = socket.onclose = socket.onmessage = (event: any) => void event.anything
  socket.onopen = socket.onerror = socket.onclose = socket.onmessage = (event: { type: string }) => void event.type
  socket.onopen = async () => {}
  socket.onmessage = async ({ data }) => void (await data)
  socket.onopen = socket.onerror = socket.onclose = socket.onmessage = null

  const previous = new Socket(url).onclose
  socket.onclose = (event): void => previous?.(event)
  const handler: ((event: Closed) => void) | null = previous
  const onFailure: NonNullable<Socket['onerror']> = (event) => failed(event)
  const onMessage: Socket['onmessage'] = ({ data }) => void data
  const end = (event: Parameters<NonNullable<Socket['onclose']>>[0]) => closed(event)
  socket.onclose = end
  void [handler, onFailure, onMessage]

  socket.addEventListener('open', opened)
  socket.addEventListener('error', failed)
  socket.addEventListener('close', closed)
  socket.addEventListener('open', (event) => opened(event))
  socket.addEventListener('error', (event) => failed(event))
  socket.addEventListener('close', (event) => closed(event))
  socket.addEventListener('close', (event: Closed) => void event.code)
  socket.addEventListener('message', ({ data }) => void data.length)
  socket.removeEventListener('open', opened)
  socket.removeEventListener('error', failed)
  socket.removeEventListener('close', closed)
  socket.removeEventListener('message', (event) => void event.data)

  let state = Socket.CONNECTING
  state = Socket.OPEN
  state = socket.CLOSING
  state = socket.readyState
  const names = { [Socket.CONNECTING]: 'a', [Socket.OPEN]: 'b', [Socket.CLOSING]: 'c', [Socket.CLOSED]: 'd' }
  switch (socket.readyState) { case Socket.OPEN: case Socket.CLOSED: case socket.CONNECTING: state = 3 }
  const counts: number = socket.retryCount + socket.bufferedAmount
  const texts: string = socket.extensions + socket.protocol + socket.url + names[state]
  socket.binaryType = 'arraybuffer'
  if (socket.binaryType === 'arraybuffer') socket.binaryType = 'blob'
  socket.close(); socket.close(1000); socket.close(4000, 'x'); socket.close(undefined, undefined)
  socket.reconnect(); socket.reconnect(1000); socket.reconnect(4000, 'x')
  const message: Message = 'x'
  socket.send(message)
  socket.send(new ArrayBuffer(1))
  socket.send(new Uint8Array(1))
  socket.send(new DataView(new ArrayBuffer(1)))
  void [counts, texts]

  class Feed extends Socket {
    #beats = 0
    state = Socket.CONNECTING
    constructor(path: string, options: Options = {}) { super(() => 'wss://a.test/' + path, undefined, { maxRetries: 1, ...options }) }
    override onclose = (event: Closed) => { this.state = Socket.CLOSED; closed(event) }
    override onerror: ((event: Failed) => void) | null = null
    override close(code?: number, reason?: string): void { this.#beats++; super.close(code, reason) }
    override send(data: Message) { this.#beats++; return super.send(data) }
    listen(): void { this.addEventListener('message', ({ data }) => void data) }
  }
  const feed: Socket = new Feed('x')
  void feed

  // @ts-expect-error not an event
  socket.onclose = (code: number) => void code
  // @ts-expect-error of another event
  socket.onclose = (event: Failed) => void event
  // @ts-expect-error of another event
  socket.onerror = (event: Closed) => void event
  // @ts-expect-error of another event
  socket.onopen = (event) => void event.code
  // @ts-expect-error of another event
  socket.onmessage = (event) => void event.reason
  // @ts-expect-error no such detail
  socket.onclose = (event) => void event.status
  // @ts-expect-error not a function
  socket.onmessage = 'x'
  // @ts-expect-error no such option
  void new Socket(url, [], { retries: 3 })
  // @ts-expect-error not a duration
  given.minUptime = '1s'
  // @ts-expect-error not a payload
  socket.send(() => {})
  // @ts-expect-error read-only
  socket.readyState = 1
`

/** What only one of the packages has. */
const own = {
  'reconnecting-websocket': `
  const send = (data: string): void => socket.send(data)
  const lists: ListenersMap = { open: [opened], error: [failed], close: [closed], message: [({ data }) => void data] }
  lists.close.forEach((listener) => socket.addEventListener('close', listener))
  socket.onopen = ({ target }) => target.send('x')
  socket.onclose = ({ target }) => void target.retryCount
  socket.addEventListener('error', (event) => event.target.close())
  void send
`,
  partysocket: `
  const protocols: ProtocolsProvider = () => ['a']
  const options: PartySocketOptions = { ...given, host: 'a.test', room: 'r', party: 'p', id: 'i', protocols, query: async () => ({ a: null, b: 'c' }) }
  const party = new PartySocket(options)
  const all: Record<string, unknown> = options
  party.updateProperties({ room: 'other', query: { a: undefined } })
  const known: string = party.id + party.roomUrl + party.host + party.name + party.path + String(party.room ?? party.basePath)
  const double: Pick<PartySocket, 'host' | 'room'> = { host: 'a.test' }
  const wanted: boolean = party.send('x') && party.shouldReconnect
  party.onclose = (event: Closed) => void event.code
  party.onerror = failed
  party.onmessage = ({ data }) => void data
  for (const waiting of party.drainQueuedMessages()) socket.send(waiting)
  void new Socket(url, () => null, {
    shouldReconnectOnClose: (event: Closed) => event.code !== 1008,
    debugLogger: (line: string) => void line.trim(),
  })
  void new Socket(url, async () => 'a', { shouldReconnectOnClose: ({ code }) => code < 4000, debugLogger: (...line) => void line })
  const events: [Closed, Failed] = [new Closed(1000, '', socket), new Failed(new Error('x'), socket)]
  const of: PartyFetchOptions = { host: 'a.test', room: 'r', path: 'x', protocol: 'https', query: { a: 'b' } }
  const text = async (): Promise<string> => (await PartySocket.fetch(of, { method: 'POST' })).text()
  const on = <K extends keyof WebSocketEventMap>(...[type, listener]: [K, (event: WebSocketEventMap[K]) => void]): void => void [type, listener]
  on('close', closed)
  class Room extends PartySocket {
    constructor(room: string) { super({ host: 'a.test', room }) }
    override onclose = (event: Closed) => closed(event)
    retarget(): void { this._options = { ...this._options, maxRetries: 1 }; this._url = 'wss://a.test/'; this._protocols = null }
  }
  void [all, known, double, wanted, events, text, new Room('x')]
`,
}

/** With the types of a platform, which has MessageEvent and EventTarget at least. */
const onPlatform = {
  'reconnecting-websocket': `
  const received = (event: MessageEvent): void => void event.data
  socket.onmessage = received
  socket.onmessage = (event: MessageEvent) => void event.origin
  socket.onmessage = (event) => received(event)
  socket.addEventListener('message', received)
  socket.addEventListener('message', (event) => received(event))
  socket.removeEventListener('message', received)
  socket.onmessage?.(new MessageEvent('message', { data: 'x' }))
  socket.dispatchEvent(new Event('open'))
  class Typed extends Socket { override onmessage = (event: MessageEvent) => received(event) }
  void Typed
`,
  partysocket: `
  socket.onopen = (event: Event) => void event.timeStamp
  socket.onerror = (event: Event) => void event.type
  socket.onclose = (event: Event) => void event.type
  socket.onopen?.(new Event('open'))
  socket.onclose?.(new Closed(1000, '', socket))
  socket.dispatchEvent(new Closed(1000, '', socket))
  socket.dispatchEvent(new MessageEvent('message', { data: 'x' }))
  socket.addEventListener('own', (event: Event) => void event.type, { capture: true })
  socket.addEventListener('own', { handleEvent: (event: Event) => void event.type }, true)
  socket.addEventListener('close', closed, { once: true, signal: new AbortController().signal })
  const target: EventTarget = party
  target.dispatchEvent(new Failed(new Error('x'), party))
`,
}

/** With the DOM library. */
const inPage = {
  'reconnecting-websocket': `
  const kind: BinaryType = socket.binaryType
  socket.binaryType = kind
  socket.onmessage = (event: MessageEvent<string>) => void event.data.length
  socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => void data.byteLength
  socket.addEventListener('message', (event: MessageEvent<string>) => void event.data.length)
  const bytes = (sent: Message): number =>
    typeof sent === 'string' ? sent.length : sent instanceof Blob ? sent.size : sent.byteLength
  socket.send(new Blob(['x']))
  const wide: Message = new Uint8Array(new SharedArrayBuffer(1))
  void [bytes, wide]
`,
  partysocket: `
  const kind: BinaryType = socket.binaryType
  socket.binaryType = kind
  const dom = (event: CloseEvent): void => void event.code
  socket.onclose = dom
  socket.onclose = (event: CloseEvent) => void event.wasClean
  socket.onclose = (event) => dom(event)
  socket.addEventListener('close', dom)
  socket.removeEventListener('close', dom)
  socket.onmessage = (event: MessageEvent<string>) => void event.data.length
  socket.addEventListener('message', (event: MessageEvent<string>) => void event.data.length)
  void new Socket(url, null, { shouldReconnectOnClose: (event: CloseEvent) => event.wasClean })
  const plain = new globalThis.WebSocket('wss://a.test/')
  for (const waiting of party.drainQueuedMessages()) plain.send(waiting)
  const bytes = (sent: Message): number =>
    typeof sent === 'string' ? sent.length : sent instanceof Blob ? sent.size : sent.byteLength
  const fetching: PartyFetchOptions = { host: 'a.test', room: 'r', fetch: globalThis.fetch }
  void [bytes, fetching]
`,
}

/** With the DOM library: what these packages refuse although it works. */
export const wider = `
  socket.onopen = (event: Event) => void event.timeStamp
  socket.onerror = (event: Event) => void event.type
  socket.onerror = (event: ErrorEvent) => void event.message
  socket.onclose = (event: CloseEvent) => void event.code
  socket.onclose = (event: Event) => void event.type
  socket.onmessage = (event: Event) => void event.type
  socket.addEventListener('close', (event: CloseEvent) => void event.code, { once: true })
  socket.addEventListener('error', (event: ErrorEvent) => void event.message)
  socket.addEventListener('message', { handleEvent: ({ data }: MessageEvent<string>) => void data.length })
  socket.addEventListener('message', async (event) => void event)
  const types = (event: CloseEvent): string => event.type
  socket.onclose = (event) => types(event)
  const heard: EventTarget = socket
  void heard
`

/** What a library of the user's exports, without saying its types. */
export const declared = `
  export const make = () => new Socket('wss://a.test/')
  export class Library extends Socket {
    override onclose = (event: Closed) => void event.code
    readonly opens = this.onopen
    readonly fails = this.onerror
    readonly receives = new Socket('wss://a.test/').onmessage
    readonly kind = this.binaryType
    readonly args = (...args: Parameters<Socket['send']>) => args
    readonly on = () => (['open', 'message'] as const).map((type) => this[\`on\${type}\`])
  }
`

/** The packages that everopen has a replacement for. */
export type Replaced = keyof typeof heads

/** A program, and what it needs besides the language. */
export function program(name: Replaced, from: string, needs: 'nothing' | 'a platform' | 'the DOM'): string {
  const parts = [heads[name](from), everywhere, own[name]]
  if (needs !== 'nothing') parts.push(onPlatform[name])
  if (needs === 'the DOM') parts.push(inPage[name])
  return parts.join('')
}
