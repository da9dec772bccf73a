/** Programs of users, for the compiler. */

/** What a user may write, and what must be refused. */
export const use = `
  const socket: ReconnectingSocket = new ReconnectingSocket(
    async ({ number, signal, lastEnd }) => 'wss://a.test/' + number + String(signal.aborted) + String(lastEnd?.code),
    {
      protocols: ['a', 'b'],
      retry: { backoff: { type: 'full', base: 100 }, limit: 3, decide: (end, attempt) => (end.code === 4000 ? 'stop' : attempt * 10) },
      heartbeat: { interval: 10_000, message: () => 'ping', isReply: (data) => data === 'pong' },
      outbox: { maxMessages: 10, overflow: 'drop-oldest', maxAge: 5_000 },
      log: trace(),
      hints: (tell) => { tell('wake'); return () => {} },
    },
  )
  const undo: () => void = socket.on('open', ({ attempt, reconnected }) => { const n: number = attempt; const b: boolean = reconnected; void n; void b })
  undo()
  socket.on('close', ({ code, reason, willRetry, cause }) => { const s: string = reason + code + willRetry + String(cause); void s })
  socket.on('error', (error: EveropenError) => void error.code)
  socket.on('*', (type, detail) => void [type, detail])
  socket.on('message', (data) => { if (typeof data === 'string') data.length; else if (data instanceof ArrayBuffer) data.byteLength })
  const outcome: 'sent' | 'queued' | 'dropped' = socket.send(new Uint8Array(3), { volatile: true })
  void outcome
  const waiting: number = socket.outbox.size + socket.outbox.bytes
  void waiting
  async function loop() {
    await socket.opened
    for await (const data of socket) void data
    const { by } = await socket.closed
    const who: 'user' | 'client' | 'peer' | 'network' = by
    void who
    await socket[Symbol.asyncDispose]()
  }
  void loop
  const face = new ReconnectingWebSocket('wss://a.test/', ['p'], { retry: false })
  face.onmessage = (event) => void event.data
  face.addEventListener('close', (event) => void event.code, { once: true })
  const state: 0 | 1 | 2 | 3 = face.readyState
  void state

  const inNode = new ReconnectingSocket<NodeEvents>('wss://a.test/', {
    node: {
      headers: new Map([['authorization', 'x']]),
      cookie: async ({ number }) => 'n=' + number,
      agent: proxyAgent('http://proxy.test:3128'),
      ca: ['pem', new Uint8Array(3)],
      minVersion: 'TLSv1.3',
      perMessageDeflate: { threshold: 100 },
    },
  })
  inNode.on('ping', (payload) => { const n: number = payload.byteLength; void n })
  inNode.on('handshake', ({ status, headers, timings }) => { const n: number = status + timings.tls; void [n, headers['set-cookie']] })
  inNode.on('data', ({ opcode, data }) => { const kind: 1 | 2 = opcode; void [kind, data] })
  inNode.on('open', ({ attempt }) => void attempt)
  const everywhere: ReconnectingSocket = inNode
  void [everywhere, environmentProxy({ https_proxy: 'http://proxy.test' })]

  // @ts-expect-error of Node alone
  socket.on('ping', () => {})
  // @ts-expect-error of Node alone
  socket.on('handshake', () => {})
  // @ts-expect-error no such detail
  inNode.on('handshake', ({ body }) => void body)
  // @ts-expect-error not an option for Node
  new ReconnectingSocket('wss://a.test/', { node: { header: {} } })
  // @ts-expect-error turned off by another name
  new ReconnectingSocket('wss://a.test/', { node: { rejectUnauthorized: false } })
  // @ts-expect-error not an agent
  new ReconnectingSocket('wss://a.test/', { node: { agent: {} } })
  // @ts-expect-error no such event
  socket.on('opened', () => {})
  // @ts-expect-error no such detail
  socket.on('close', ({ status }) => void status)
  // @ts-expect-error no such option
  new ReconnectingSocket('wss://a.test/', { retries: 3 })
  // @ts-expect-error not a policy
  new ReconnectingSocket('wss://a.test/', { outbox: { overflow: 'drop' } })
  // @ts-expect-error cannot be sent
  socket.send(42)
  // @ts-expect-error read-only
  socket.state = 'open'
  // @ts-expect-error no such event
  face.addEventListener('close', (event) => void event.status)
`
/** What is typed by a codec. */
export const codec = `
  interface Ask { readonly ask: string }
  interface Answer { readonly answer: number }
  const typed = new ReconnectingSocket('wss://a.test/', {
    codec: json<Ask, Answer>(),
    hello: async ({ send, receive }) => {
      send({ ask: 'hi' })
      const { answer } = await receive()
      const n: number = answer
      void n
    },
  })
  typed.send({ ask: 'x' })
  typed.on('message', ({ answer }) => { const n: number = answer; void n })
  typed.on('undecodable', ({ data, error }) => void [data, error.code])
  async function each() { for await (const { answer } of typed) { const n: number = answer; void n } }
  void each
  // @ts-expect-error not what the codec takes
  typed.send('x')
  // @ts-expect-error not what the codec gives
  typed.on('message', ({ question }) => void question)
  const plain = new ReconnectingSocket('wss://a.test/', { hello: 'token' })
  plain.send(new Uint8Array(1))
  const anything = new ReconnectingSocket('wss://a.test/', { codec: json })
  anything.send({ any: ['thing'] })
  const own = new ReconnectingSocket('wss://a.test/', {
    codec: { encode: (n: number) => String(n), decode: (data) => Number(data) },
  })
  own.send(5)
  own.on('message', (n) => { const value: number = n; void value })
`

/** What only some platforms have the types for. */
export const fetching = `
  new ReconnectingSocket(async ({ signal }) => (await fetch('https://a.test/token', { signal })).text(), {
    hello: async ({ signal }) => { await fetch('https://a.test/', { signal }) },
  })
`
/** Heads of these. */
export const imported = `import { type EveropenError, json, type NodeEvents, ReconnectingSocket, ReconnectingWebSocket, trace } from 'everopen'
  import { environmentProxy, proxyAgent } from 'everopen/proxy'`
/** The same in CommonJS. */
export const required = `import everopen = require('everopen')
  type EveropenError = everopen.EveropenError
  type NodeEvents = everopen.NodeEvents
  type ReconnectingSocket = everopen.ReconnectingSocket
  import proxy = require('everopen/proxy')
  const { environmentProxy, proxyAgent } = proxy
  const { json, ReconnectingSocket, ReconnectingWebSocket, trace } = everopen`

/** What a library of the user's exports, without saying its types. */
export const declared = `
    import { ReconnectingSocket, ReconnectingWebSocket } from 'everopen'
    export const socket = () => new ReconnectingSocket('wss://a.test/')
    export const face = () => new ReconnectingWebSocket('wss://a.test/')
    export const Class = ReconnectingWebSocket.with({ retry: false })
    export const fixed = () => new Class('wss://a.test/')
    export class Feed { readonly face = new ReconnectingWebSocket('wss://a.test/') }
  `
