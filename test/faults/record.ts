/** What a socket says, in order, and what it leaves behind: nothing. */
import {
  clearInterval as endReal,
  clearTimeout as clearReal,
  setInterval as beginReal,
  setTimeout as setReal,
} from 'node:timers'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import type { Events, ReconnectingSocket } from '../../src/index.js'
import { CLOSE_WAIT, ESTABLISHED, kernelSockets, type RawServer } from './raw-server.js'
import { type Seen, word } from './word.js'

/** How long a wait may take before the test is failed, with what was seen so far. */
const PATIENCE = 12_000

/** What may be between a deadline and its effect, in comparisons with a stopwatch. */
export const SLACK = 1_500
const TICK = 10

/**
 * Starts a stopwatch that a busy machine cannot hurry: it goes on by 10 ms in one turn of the event loop, however long
 * that had to wait. What it returns stops it, and gives the ms.
 */
export function stopwatch(): () => number {
  let ms = 0
  const ticks = beginReal(() => (ms += TICK), TICK).unref()
  return () => {
    endReal(ticks)
    return ms
  }
}

type Type = keyof Events

export class Recorder {
  readonly events: Seen[] = []
  readonly #watchers = new Set<() => void>()

  constructor(socket: ReconnectingSocket) {
    socket.on('*', (type, detail) => {
      this.events.push({ type, detail } as Seen)
      for (const look of [...this.#watchers]) look()
    })
  }

  get words(): string[] {
    return this.events.map(word)
  }

  of<K extends Type>(type: K): Events[K][] {
    return this.events.filter((seen) => seen.type === type).map(({ detail }) => detail as Events[K])
  }

  /** Resolves with the `count`-th event of that type, at once if it has been. */
  until<K extends Type>(type: K, count = 1): Promise<Events[K]> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearReal(timer)
        this.#watchers.delete(look)
      }
      const look = (): void => {
        const found = this.of(type)
        if (found.length < count) return
        done()
        resolve(found[count - 1] as Events[K])
      }
      const timer = setReal(() => {
        done()
        reject(new Error(`no ${type} number ${count}, only: ${this.words.slice(-20).join(' | ')}`))
      }, PATIENCE)
      this.#watchers.add(look)
      look()
    })
  }
}

/** Records every event from now on. */
export function record(socket: ReconnectingSocket): Recorder {
  return new Recorder(socket)
}

/** Waits until something holds that no event tells. */
export async function eventually(
  what: () => string,
  holds: () => boolean,
  patience = PATIENCE,
): Promise<void> {
  const end = performance.now() + patience
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what()}`)
    await sleep(2)
  }
}

/** Time in which something is seen not to happen. */
export const quiet = (ms: number): Promise<void> => sleep(ms)

// The package and `ws` look the global timers up on each call, and nothing else here uses them: these are theirs.
const pending = new Set<unknown>()
const { setTimeout: set, clearTimeout: clear } = globalThis
globalThis.setTimeout = ((callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
  const timer = set(() => {
    pending.delete(timer)
    callback(...args)
  }, ms)
  pending.add(timer)
  return timer
}) as typeof setTimeout
globalThis.clearTimeout = ((timer: NodeJS.Timeout | undefined) => {
  pending.delete(timer)
  clear(timer)
}) as typeof clearTimeout

/** Timers that the package, or `ws` below it, has running. A socket that runs has one that watches the clocks. */
export const timers = (): number => pending.size

function resources(): Record<'Timeout' | 'TCPSocketWrap' | 'TCPServerWrap', number> {
  const all = process.getActiveResourcesInfo()
  const count = (name: string): number => all.filter((resource) => resource === name).length
  return {
    Timeout: count('Timeout'),
    TCPSocketWrap: count('TCPSocketWrap'),
    TCPServerWrap: count('TCPServerWrap'),
  }
}

let before = resources()

/** What the test runner itself has; for `beforeEach`. */
export function takeBaseline(): void {
  pending.clear()
  before = resources()
}

/**
 * The socket is closed and nothing of it is left: no timer, no handle, and in the kernel no connection on its side
 * and no CLOSE_WAIT on either. Nothing is collected or destroyed from outside before that has been seen.
 */
export async function nothingLeft(
  socket: ReconnectingSocket,
  server?: Pick<RawServer, 'port' | 'release' | 'stop'>,
): Promise<void> {
  expect(socket.state).toBe('closed')
  if (server) {
    const { port } = server
    await eventually(
      () => `ESTABLISHED or CLOSE_WAIT on the client's side of port ${port}`,
      () => kernelSockets(port, ESTABLISHED, 'client') + kernelSockets(port, CLOSE_WAIT, 'client') === 0,
    )
    server.release()
    await eventually(
      () => `CLOSE_WAIT on the server's side of port ${port}`,
      () => kernelSockets(port, CLOSE_WAIT, 'server') + kernelSockets(port, CLOSE_WAIT, 'client') === 0,
    )
  }
  await eventually(
    () => `${timers()} timers of the package`,
    () => timers() === 0,
  )
  const over = (name: keyof typeof before): boolean => resources()[name] > before[name]
  await eventually(
    () => `handles: ${JSON.stringify(resources())}, at first ${JSON.stringify(before)}`,
    () => !over('Timeout') && !over('TCPSocketWrap'),
  )
  if (server) {
    await server.stop()
    await eventually(
      () => 'the end of the server',
      () => !over('TCPServerWrap'),
    )
  }
  expect(socket.state).toBe('closed')
}

/** Takes the place of the test runner's own handlers, for this test: what is uncaught goes into the list. */
export function uncaught(): unknown[] {
  const caught: unknown[] = []
  const names = ['uncaughtException', 'unhandledRejection'] as const
  const theirs = names.map((name) => process.listeners(name as 'uncaughtException'))
  const take = (error: unknown): void => void caught.push(error)
  for (const name of names) process.removeAllListeners(name).on(name, take)
  onTestFinished(() => {
    names.forEach((name, i) => {
      process.removeAllListeners(name)
      for (const listener of theirs[i]!) process.on(name as 'uncaughtException', listener)
    })
  })
  return caught
}
