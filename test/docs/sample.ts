/**
 * Plays a situation to a code sample of the documentation: its own text runs as a process against a server that the test
 * holds in its hand, and the test asserts what the page promises.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { transformSync } from 'esbuild'
import { expect, onTestFailed, onTestFinished } from 'vitest'
import { samplesOf } from '../consumers/fences.js'
import { root } from '../consumers/home.js'
import { CLOSE, closeCode, type RawConnection, type RawServer, serve } from '../faults/raw-server.js'

/** Put before a sample: evaluates what the test asks among the sample's variables, and keeps no process alive. */
const interview = `
process.on('message', async (code) => {
  try {
    process.send({ value: await eval(code) })
  } catch (error) {
    process.send({ error: String(error) })
  }
})
process.channel.unref()
`

/** Put before a sample: the first retry comes at once, and each later one as soon as it may. */
export const AT_ONCE = 'Math.random = () => 0\n'

/** Put before a sample: on exit it prints the longest of the waits for an attempt, in ms. */
export const WAITS = `
let longest = 0
const note = () => (longest = Math.max(longest, socket.snapshot.nextDialAt - Date.now() || 0))
setImmediate(() => socket.subscribe(note))
process.on('exit', () => console.log('waited', longest, 'ms'))
`

export interface Changes {
  /** Parts of the text that are replaced: each has to be there. */
  readonly change?: Readonly<Record<string, string>>
  /** Code that runs first. */
  readonly before?: string
  readonly env?: Readonly<Record<string, string>>
}

export class Sample {
  /** What it has printed. */
  readonly lines: string[] = []
  /** How the process ended, with what it complained of. */
  readonly ended: Promise<{ readonly status: number | null; readonly errors: string }>
  #errors = ''
  #over = false
  readonly #watchers = new Set<() => void>()
  readonly #child

  constructor(program: string, type: 'module' | 'commonjs', env: Readonly<Record<string, string>>) {
    const child = spawn(process.execPath, [`--input-type=${type}`, '--eval', program], {
      // from here the package's own name means what was built
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    onTestFailed(() => console.error(this.#said))
    this.#child = child
    createInterface(child.stdout!).on('line', (line) => {
      this.lines.push(line)
      this.#look()
    })
    child.stderr!.on('data', (data) => (this.#errors += data))
    this.ended = new Promise((resolve) => {
      child.on('close', (status) => {
        this.#over = true
        this.#look()
        resolve({ status, errors: this.#errors })
      })
    })
  }

  /** Resolves once it has printed such a line, `count` times. Rejects if it ends before. */
  prints(line: string | RegExp, count = 1): Promise<void> {
    const fits = (printed: string): boolean =>
      typeof line === 'string' ? printed === line : line.test(printed)
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (this.lines.filter(fits).length >= count) resolve()
        else if (this.#over) reject(new Error(`it ended without printing ${line}: ${this.#said}`))
        else return
        this.#watchers.delete(look)
      }
      this.#watchers.add(look)
      look()
    })
  }

  /** The value of an expression among the sample's variables. Rejects if the process ends before it answers. */
  ask<T = unknown>(expression: string): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#child.once('message', ({ value, error }: { value: T; error?: string }) => {
        if (error === undefined) resolve(value)
        else reject(new Error(error))
      })
      // to one that has ended nothing can be sent
      this.#child.send(expression, () => {})
      void this.ended.then(() => reject(new Error(`it ended: ${this.#said}`)))
    })
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  get #said(): string {
    return [...this.lines, this.#errors].join('\n')
  }

  #look(): void {
    for (const look of [...this.#watchers]) look()
  }
}

/** Runs a sample of the page, counted from 1, against the server. */
export function play(
  page: string,
  number: number,
  server?: Pick<RawServer, 'port'>,
  { change = {}, before = '', env = {} }: Changes = {},
): Sample {
  const { language, code } = samplesOf(page)[number - 1]!
  const all = server ? { 'wss://example.test': `ws://127.0.0.1:${server.port}`, ...change } : change
  let text = code
  for (const [old, now] of Object.entries(all)) {
    expect(text).toContain(old)
    text = text.replaceAll(old, () => now)
  }
  const type = code.includes('require(') ? 'commonjs' : 'module'
  const { code: program } = transformSync(text, { loader: language as 'js' | 'ts', target: 'node20' })
  return new Sample([interview, before, program].join('\n'), type, env)
}

/** A server for this test. */
export async function listen(
  script: (connection: RawConnection, n: number) => void = accept,
): Promise<RawServer> {
  const server = await serve(script)
  onTestFinished(() => server.stop())
  return server
}

/** The port of a server that is gone. */
export async function gone(): Promise<Pick<RawServer, 'port'>> {
  const server = await serve()
  await server.stop()
  return server
}

const accept = (connection: RawConnection): void => void connection.accept()

/** What the client closed the connection with. */
export async function closing(connection: RawConnection): Promise<[code: number, reason: string]> {
  const { payload } = await connection.frame(CLOSE)
  return [closeCode(payload), payload.subarray(2).toString()]
}
