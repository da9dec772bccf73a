/** Hears what a link tells, and lets a test wait for it. */
import type { DialOptions, LinkListener } from '../../src/platform/platform.js'
import type { Data, Sendable } from '../../src/delivery/payload.js'
import type { Reports } from '../../src/platform/platform.js'

export type Told =
  | readonly ['open' | 'pong' | 'room' | 'ending']
  | readonly ['message', Data]
  | readonly ['lost', Sendable]
  | readonly ['error', unknown]
  | readonly ['close', number, string, boolean]

export class LinkRecorder implements LinkListener {
  readonly told: Told[] = []
  readonly #watchers = new Set<() => void>()

  onOpen = (): void => this.#tell(['open'])
  onPong = (): void => this.#tell(['pong'])
  /** Apart from the others: what is told beside the connection's life. */
  readonly reports: { [K in keyof Reports]: Reports[K][] } = { ping: [], pong: [], handshake: [] }
  onReport = <K extends keyof Reports>(type: K, detail: Reports[K]): void => {
    this.reports[type].push(detail)
  }
  onRoom = (): void => this.#tell(['room'])
  onLost = (data: Sendable): void => this.#tell(['lost', data])
  onEnding = (): void => this.#tell(['ending'])
  onMessage = (data: Data): void => this.#tell(['message', data])
  onError = (error: unknown): void => this.#tell(['error', error])
  onClose = (code: number, reason: string, wasClean: boolean): void =>
    this.#tell(['close', code, reason, wasClean])

  /** What was told of that kind. */
  all<T extends Told[0]>(type: T): Extract<Told, readonly [T, ...unknown[]]>[] {
    return this.told.filter(([name]) => name === type) as Extract<Told, readonly [T, ...unknown[]]>[]
  }

  /** The `count`-th of that kind, once it has been told. */
  until<T extends Told[0]>(type: T, count = 1): Promise<Extract<Told, readonly [T, ...unknown[]]>> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.all(type)[count - 1]
        if (!found) return
        this.#watchers.delete(look)
        resolve(found)
      }
      this.#watchers.add(look)
      look()
    })
  }

  #tell(what: Told): void {
    this.told.push(what)
    for (const look of [...this.#watchers]) look()
  }
}

export const dialOptions: DialOptions = {
  binaryType: 'arraybuffer',
  closeTimeout: 5_000,
  WebSocket: undefined,
  node: {},
}
