/** A simulated server, for tests of code that uses a WebSocket. */
import { ConnectionError, HandshakeError } from '../diagnostics/errors.js'
import type { Sendable } from '../delivery/payload.js'
import { callback, delay, fields, number, rule } from '../options/rules.js'
import type { WebSocketClass } from '../options/options.js'
import { TestClock } from './clock.js'
import { type ClientEnd, closeCode, TestConnection } from './connection.js'
import { Queue } from './queue.js'
import { Way } from './way.js'
import { type ServerEnd, webSocketClass } from './websocket.js'

/** Options of `testServer()`. */
export interface TestServerOptions {
  /** The value of `url`. The server's class connects to it with any URL. Default `ws://server.test/`. */
  readonly url?: string | undefined
  /** A simulated clock, for the server's delays and for the everopen sockets connected to it. */
  readonly clock?: TestClock | undefined
  /** Latency in each direction, in ms. Default 0: asynchronous, but without a timer. */
  readonly latency?: number | undefined
  /**
   * Selects one of the offered subprotocols, if there are any; selecting another, or none, fails the attempt. Default: the
   * first.
   */
  readonly protocol?: ((offered: readonly string[]) => string | undefined) | undefined
  /** Returns the answer to a message, or undefined for none. */
  readonly answer?: ((data: Sendable, connection: TestConnection) => Sendable | undefined | void) | undefined
}

/** Options of `restart()`. */
export interface RestartOptions {
  /** Close code for all connections. Default: they are cut. */
  readonly code?: number | undefined
  /** How long attempts are refused, in ms. Default 0. */
  readonly down?: number | undefined
}

const check = fields<TestServerOptions>({
  url: rule('must be an absolute URL', (value) => typeof value === 'string' && /^\w+:\/\/./.test(value)),
  clock: rule('must be a TestClock', (value) => value instanceof TestClock),
  latency: delay,
  protocol: callback,
  answer: callback,
})

const checkRestart = fields<RestartOptions>({ code: closeCode, down: delay })

/** An HTTP status, as an option. */
const httpStatus = number(100, 599, 'an HTTP status')

/** What happens to an attempt. */
type Dial = (client: ClientEnd, up: Way) => TestConnection | void

/** A simulated server. A test can use any number of them. */
export class TestServer {
  /** A URL for the server; any other URL works too. */
  readonly url: string
  /** The class for the `WebSocket` option, for a stub of the global class, or for any client that accepts one. */
  readonly WebSocket: WebSocketClass
  readonly #options: TestServerOptions
  readonly #live = new Set<TestConnection>()
  readonly #arrivals = new Queue<TestConnection>()
  #latency: number
  #dial!: Dial
  #count = 0

  /** @throws InvalidArgumentError for an unknown or invalid option. */
  constructor(options: TestServerOptions = {}) {
    check('options', options)
    this.#options = options
    this.url = options.url ?? 'ws://server.test/'
    this.#latency = options.latency ?? 0
    this.accept()
    this.WebSocket = webSocketClass((client) => this.#dialed(client), options.clock)
  }

  /** The open connections, oldest first. */
  get connections(): TestConnection[] {
    return [...this.#live]
  }

  /** Number of attempts so far, including failed ones. */
  get dials(): number {
    return this.#count
  }

  /** Resolves with the next connection. Each is returned once, in the order of the attempts. */
  connection(): Promise<TestConnection> {
    return this.#arrivals.take()
  }

  /** Accepts connections from now on (the initial behaviour). */
  accept(): void {
    this.#dial = (client, up) => this.#accept(client, up)
  }

  /**
   * Refuses connections from now on: with an HTTP status, or without one like a closed port. WebSocket clients see only
   * 1006; everopen gets the status, as in Node.
   * @throws InvalidArgumentError for an invalid HTTP status.
   */
  refuse(status?: number): void {
    if (status !== undefined) httpStatus('status', status)
    this.#dial = (client) =>
      client.ended(status === undefined ? new ConnectionError() : new HandshakeError(status))
  }

  /** Does not answer attempts from now on. */
  ignore(): void {
    this.#dial = () => {}
  }

  /**
   * Sets the latency in each direction from now on, in ms.
   * @throws InvalidArgumentError
   */
  delay(ms: number): void {
    delay('latency', ms)
    this.#latency = ms
  }

  /** Cuts every connection. */
  drop(): void {
    for (const connection of this.connections) connection.drop()
  }

  /**
   * Closes every connection cleanly, with any code that is valid on the wire.
   * @throws InvalidArgumentError
   */
  close(code = 1000, reason = ''): void {
    closeCode('code', code)
    for (const connection of this.connections) connection.close(code, reason)
  }

  /**
   * Simulates a restart: cuts every connection, or closes it with `code`, and refuses attempts for `down` ms.
   * @throws InvalidArgumentError before anything is cut.
   */
  restart(options: RestartOptions = {}): void {
    checkRestart('options', options)
    const { code, down = 0 } = options
    if (code === undefined) this.drop()
    else this.close(code)
    if (down === 0) return
    this.refuse()
    const refused = this.#dial
    this.#wait(() => {
      // unless the test has decided otherwise since
      if (this.#dial === refused) this.accept()
    }, down)
  }

  #dialed(client: ClientEnd): ServerEnd {
    this.#count++
    const up = new Way((due) => this.#later(due))
    let connection: ReturnType<Dial>
    up.send(() => {
      if (client.readyState === 0) connection = this.#dial(client, up)
    })
    return (act, ready) => up.send(() => act(connection), ready)
  }

  #accept(client: ClientEnd, up: Way): TestConnection | void {
    const { answer, protocol = ([first]: readonly string[]) => first! } = this.#options
    const { protocols } = client
    const selected = protocols.length > 0 ? protocol(protocols) : ''
    // a client that has offered some insists on one of them
    if (selected === undefined || (protocols.length > 0 && !protocols.includes(selected)))
      return client.ended(new ConnectionError('the server selected no subprotocol that was offered'))
    const connection = new TestConnection(client, new Way((due) => this.#later(due)), up, this.#live, answer)
    this.#arrivals.put(connection)
    client.opened(selected)
    return connection
  }

  #later(action: () => void): void {
    if (this.#latency === 0) void Promise.resolve().then(action)
    else this.#wait(action, this.#latency)
  }

  #wait(action: () => void, ms: number): void {
    const { clock } = this.#options
    if (clock) clock.setTimeout(action, ms)
    else setTimeout(action, ms)
  }
}

/**
 * Creates a simulated server.
 * @throws InvalidArgumentError, which names the unknown or invalid option.
 */
export function testServer(options?: TestServerOptions): TestServer {
  return new TestServer(options)
}
