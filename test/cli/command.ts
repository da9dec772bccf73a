/** The built command as a process: what it writes, and how it ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'

/** That of `dist`, or one that is like it and whose coverage is measured: test/coverage-provider.ts. */
export const program =
  process.env.EVEROPEN_PROGRAM ?? fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

/** Quick retries, so that no test waits for them. */
export const quick = ['--backoff', 'constant', '--backoff-base', '50ms'] as const

export interface Run {
  readonly out: string
  readonly err: string
  /** Everything written, in the order of its arrival. */
  readonly all: string
  readonly stdin: NodeJS.WritableStream & { readonly writableLength: number; destroy(): void }
  readonly stdout: NodeJS.ReadableStream & { destroy(): void }
  readonly stderr: NodeJS.ReadableStream & { destroy(): void }
  /** Resolves when what it has written so far matches, or comes to. Rejects when it ends first. */
  seen(pattern: RegExp): Promise<void>
  /** The lines of the output, as JSON. */
  records(): Record<string, unknown>[]
  kill(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void
  /** The exit status, or the signal that killed it. */
  readonly status: Promise<number | NodeJS.Signals | null>
}

export interface RunOptions {
  readonly input?: string | Buffer
  readonly env?: Readonly<Record<string, string>>
  /** Whether the output is read. */
  readonly reading?: boolean
}

/** Starts the command. Without `input` its standard input stays open. */
export function everopen(args: readonly string[], options: RunOptions = {}): Run {
  return start(process.execPath, [program, ...args], options)
}

// what a failed test leaves behind would dial for ever
const live = new Set<ChildProcess>()
afterEach(() => live.forEach((child) => child.kill('SIGKILL')))

/** Starts any command in a plain environment. */
export function start(command: string, args: readonly string[], options: RunOptions = {}): Run {
  const { PATH = '', HOME = '', EVEROPEN_COVERAGE } = process.env
  const env = {
    PATH,
    HOME,
    ...(EVEROPEN_COVERAGE !== undefined && { NODE_V8_COVERAGE: EVEROPEN_COVERAGE }),
    ...options.env,
  }
  const child = spawn(command, args, { env, stdio: 'pipe' })
  live.add(child)
  const watchers = new Set<() => void>()
  const texts = { out: '', err: '', all: '' }
  const take = (which: 'out' | 'err') => (chunk: string) => {
    texts[which] += chunk
    texts.all += chunk
    watchers.forEach((look) => look())
  }
  child.stderr.setEncoding('utf8').on('data', take('err'))
  if (options.reading !== false) child.stdout.setEncoding('utf8').on('data', take('out'))
  // it may be gone before all of its input is
  child.stdin.on('error', () => {})
  if (options.input !== undefined) child.stdin.end(options.input)
  let over = false
  const status = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('close', (code, signal) => {
      over = true
      live.delete(child)
      resolve(code ?? signal)
      watchers.forEach((look) => look())
    }),
  )
  return {
    get out() {
      return texts.out
    },
    get err() {
      return texts.err
    },
    get all() {
      return texts.all
    },
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    seen: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.test(texts.all)
          if (!found && !over) return
          watchers.delete(look)
          if (found) resolve()
          else reject(new Error(`ended without ${pattern}: ${texts.all}`))
        }
        watchers.add(look)
        look()
      }),
    records: () =>
      texts.out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    kill: (signal) => child.kill(signal),
    status,
  }
}
