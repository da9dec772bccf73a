/** Controls what lives in a process or thread of its own, and hears what it tells. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import { onTestFinished } from 'vitest'

/** Those that can be said in JSON. */
export interface RemoteOptions {
  readonly url: string
  /** Each wait before a dial, in ms. */
  readonly backoff: number
  readonly connectTimeout?: number
  readonly closeTimeout?: number
  readonly heartbeat?: { readonly interval: number; readonly timeout: number }
}

/** What a socket can be told. */
export type Command = { readonly send: string } | { readonly close: true } | { readonly block: number }

/** One event, or the answer to a command. */
export interface Report {
  /** When, in ms since the epoch. */
  readonly at: number
  readonly word: string
  /** The code of the error that goes with a `close`. */
  readonly cause?: string | undefined
  /** At the end: timers and TCP connections that there still are. */
  readonly left?: readonly string[]
}

/** How long a wait may take before the test is failed, with what was told so far. */
const PATIENCE = 15_000

export class Remote {
  readonly reports: Report[] = []
  /** How it ended: exit code, and what it wrote to stderr. */
  readonly exit: Promise<{ readonly code: number | null; readonly errors: string }>
  readonly #stdin: Writable
  readonly #watchers = new Set<() => void>()

  constructor(stdin: Writable, stdout: Readable, stderr: Readable, exit: Promise<number | null>) {
    this.#stdin = stdin
    let errors = ''
    stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    this.exit = exit.then((code) => ({ code, errors }))
    stdin.on('error', () => {})
    createInterface({ input: stdout }).on('line', (line) => {
      this.reports.push(JSON.parse(line) as Report)
      for (const look of [...this.#watchers]) look()
    })
    void this.exit.then(() => this.#watchers.forEach((look) => look()))
  }

  /** The events so far but for answered pings, of which there may be any number. */
  get words(): string[] {
    return this.reports.map(({ word }) => word).filter((word) => word !== 'heartbeat')
  }

  /** The latest report that begins with `start`. */
  latest(start: string): string | undefined {
    return this.words.filter((word) => word.startsWith(start)).at(-1)
  }

  tell(command: Command | 'sweep'): void {
    this.#stdin.write(`${JSON.stringify(command)}\n`)
  }

  /** Resolves with the `count`-th report that begins with `start`, at once if it has been. */
  until(start: string, count = 1): Promise<Report> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.reports.filter(({ word }) => word.startsWith(start))[count - 1]
        if (!found) return
        clearTimeout(timer)
        this.#watchers.delete(look)
        resolve(found)
      }
      const timer = setTimeout(() => {
        this.#watchers.delete(look)
        reject(new Error(`no "${start}" number ${count}, only: ${this.words.slice(-20).join(' | ')}`))
      }, PATIENCE)
      this.#watchers.add(look)
      look()
    })
  }

  /** Closes the socket, and waits for the process or thread to end by itself. */
  async end(): Promise<Report> {
    this.tell({ close: true })
    const last = await this.until('ended')
    // it listens to nothing else any more
    this.#stdin.end()
    await this.exit
    return last
  }
}

/** In a process; `prefix` is a command that starts it, such as `ip netns exec …`. */
export function startProcess(
  file: string,
  options: RemoteOptions | { readonly port: number },
  prefix: readonly string[] = [],
): Remote {
  const [command, ...args] = [...prefix, process.execPath, file, JSON.stringify(options)]
  const child = spawn(command!, args, { stdio: 'pipe' })
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve))
  onTestFinished(() => void child.kill('SIGKILL'))
  return new Remote(child.stdin, child.stdout, child.stderr, exit)
}

/** In a thread, which has an event loop of its own. */
export function startThread(file: string, options: RemoteOptions): Remote {
  const worker = new Worker(file, {
    argv: [JSON.stringify(options)],
    stdin: true,
    stdout: true,
    stderr: true,
  })
  const exit = new Promise<number | null>((resolve) => worker.on('exit', resolve))
  onTestFinished(() => void worker.terminate())
  return new Remote(worker.stdin!, worker.stdout, worker.stderr, exit)
}
