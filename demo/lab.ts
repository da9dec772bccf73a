/** One page's side of the server: two endpoints of its own, and what it does to them. */
import type { ServerResponse } from 'node:http'
import {
  type Command,
  type Contender,
  contenders,
  type EndpointName,
  endpoints,
  type LabReport,
} from './chaos.js'
import type { Echo } from './echo.js'
import { Proxy } from './proxy.js'

/** How often at most a page is told what is new. In ms. */
const TELL_EVERY = 100

/** What becomes of a lab without a page. */
export interface Leave {
  /** How long it outlives its page. In ms. */
  readonly after: number
  /** Called then. */
  readonly over: () => void
}

export class Lab {
  readonly id: string
  readonly #echo: Echo
  readonly #proxies: Readonly<Record<EndpointName, Proxy>>
  readonly #wanted: Record<EndpointName, boolean> = { a: true, b: true }
  readonly #leave: Leave
  #slow = { delay: 0, rate: 0 }
  #loop = false
  #restart: NodeJS.Timeout | undefined
  #watchers = new Set<ServerResponse>()
  #tell: NodeJS.Timeout | undefined
  #leaving: NodeJS.Timeout | undefined

  private constructor(id: string, echo: Echo, proxies: Record<EndpointName, Proxy>, leave: Leave) {
    this.id = id
    this.#echo = echo
    this.#proxies = proxies
    this.#leave = leave
    this.#await()
  }

  /** Two proxies before the server on the port `target`, for as long as a page watches. */
  static async start(id: string, echo: Echo, target: number, leave: Leave): Promise<Lab> {
    const [a, b] = await Promise.all([Proxy.start(target), Proxy.start(target)])
    return new Lab(id, echo, { a, b }, leave)
  }

  /** The ports of the endpoints. */
  get ports(): Readonly<Record<EndpointName, number>> {
    return { a: this.#proxies.a.port, b: this.#proxies.b.port }
  }

  /** What the server knows a socket of the page by. */
  nameOf(contender: Contender): string {
    return `${this.id}-${contender}`
  }

  get report(): LabReport {
    const clients = contenders.map((contender) => [contender, this.#echo.report(this.nameOf(contender))])
    return {
      endpoints: { a: this.#isUp('a'), b: this.#isUp('b') },
      slow: this.#slow,
      loop: this.#loop,
      refusing: this.#echo.refusing(this.nameOf('everopen')),
      stalled: this.#all.reduce((sum, { stalled }) => sum + stalled, 0),
      clients: Object.fromEntries(clients) as LabReport['clients'],
    }
  }

  /** Does what the page asks for. Resolves when it is done on the wire. */
  async run(command: Command): Promise<void> {
    switch (command.type) {
      case 'close':
        for (const contender of contenders)
          this.#echo.close(this.nameOf(contender), command.code, command.reason)
        break
      case 'rst':
        for (const proxy of this.#all) proxy.reset()
        break
      case 'fin':
        for (const proxy of this.#all) proxy.fin()
        break
      case 'stall':
        for (const proxy of this.#all) proxy.stall()
        break
      case 'flow':
        for (const proxy of this.#all) proxy.flow()
        break
      case 'refuse':
        for (const contender of contenders)
          this.#echo.refuse(this.nameOf(contender), Array(command.times).fill(command.answer))
        for (const proxy of this.#all) proxy.reset()
        break
      case 'restart':
        clearTimeout(this.#restart)
        this.#restart = setTimeout(() => void this.#up(), command.ms)
        await this.#settle()
        break
      case 'slow':
        this.#slow = { delay: command.delay, rate: command.rate }
        for (const proxy of this.#all) proxy.slow(this.#slow)
        break
      case 'loop':
        this.#setLoop(command.on)
        break
      case 'endpoint':
        this.#wanted[command.name] = command.up
        await this.#settle()
        break
      case 'calm':
        await this.#calm()
    }
    this.changed()
  }

  /** There is something new to tell. */
  changed(): void {
    this.#tell ??= setTimeout(() => {
      this.#tell = undefined
      for (const watcher of this.#watchers) this.#write(watcher)
    }, TELL_EVERY)
  }

  /** Tells a page what the server sees, as server-sent events, for as long as it listens. */
  watch(response: ServerResponse): void {
    clearTimeout(this.#leaving)
    this.#watchers.add(response)
    response.on('close', () => {
      this.#watchers.delete(response)
      if (this.#watchers.size === 0) this.#await()
    })
    this.#write(response)
  }

  async stop(): Promise<void> {
    for (const timer of [this.#tell, this.#leaving, this.#restart]) clearTimeout(timer)
    for (const watcher of this.#watchers) watcher.end()
    await Promise.all(this.#all.map((proxy) => proxy.turn('stopped')))
    for (const contender of contenders) this.#echo.forget(this.nameOf(contender))
  }

  get #all(): readonly Proxy[] {
    return endpoints.map((name) => this.#proxies[name])
  }

  #isUp(name: EndpointName): boolean {
    return this.#wanted[name] && this.#restart === undefined
  }

  async #up(): Promise<void> {
    clearTimeout(this.#restart)
    this.#restart = undefined
    await this.#settle()
    this.changed()
  }

  async #settle(): Promise<void> {
    await Promise.all(endpoints.map((name) => this.#proxies[name].turn(this.#isUp(name) ? 'up' : 'down')))
  }

  #setLoop(on: boolean): void {
    this.#loop = on
    for (const contender of contenders) {
      this.#echo.loop(this.nameOf(contender), on)
      if (on) this.#echo.close(this.nameOf(contender), 1001, 'going away')
    }
  }

  async #calm(): Promise<void> {
    this.#setLoop(false)
    this.#slow = { delay: 0, rate: 0 }
    for (const contender of contenders) this.#echo.refuse(this.nameOf(contender), [])
    for (const proxy of this.#all) {
      proxy.slow(this.#slow)
      proxy.flow()
    }
    for (const name of endpoints) this.#wanted[name] = true
    await this.#up()
  }

  #await(): void {
    clearTimeout(this.#leaving)
    this.#leaving = setTimeout(this.#leave.over, this.#leave.after)
  }

  #write(response: ServerResponse): void {
    response.write(`data: ${JSON.stringify(this.report)}\n\n`)
  }
}
