/** Runtimes that are a program: Node, Bun, Deno. The suite is run by `import` and by `require`. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import path from 'node:path'
import { makeHome } from '../consumers/home.js'
import { program } from './cache.js'
import { furnish, furnishWs } from './furnish.js'
import type { Outcomes, Runtime } from './runtime.js'
import type { Env } from './server.js'
import { BUN, bun, DENO, deno, node, NODE, WS } from './versions.js'

const PATIENCE = 120_000
/** Within which a process ends that has closed its socket, in ms. */
const EXIT = 100

interface Command {
  readonly name: string
  readonly lacks?: Runtime['lacks']
  /** Program and first arguments. */
  command(file: string): Promise<readonly [string, ...string[]]>
  /** Of its class: protocol pings. */
  readonly pings?: boolean
  /** A version of `ws` in place of this project's. */
  readonly ws?: string
}

/** Runs `everopen/server` there, over what `ws` is there: `null` where it works, else the error that it is refused with. */
export async function served(where: Pick<Command, 'command'>): Promise<Refused | null> {
  return (await said(where, 'server.js', {})) as Refused | null
}

/** What comes of Node's own class as the `WebSocket` option, in the newest Node. */
export function ownClass(env: Env): Promise<unknown> {
  return said({ command: nodeProgram(NODE.newest) }, 'own-class.cjs', env)
}

/** The JSON that a file of the suite writes there. */
async function said({ command }: Pick<Command, 'command'>, file: string, env: object): Promise<unknown> {
  const home = makeHome()
  try {
    furnish(home)
    return JSON.parse((await start(await command(file), path.join(home.dir, 'suite', file), env)).out)
  } finally {
    home.remove()
  }
}

/** Of an error. */
export interface Refused {
  readonly name: string
  readonly argument?: string
  readonly message: string
}

function commanded({ name, lacks = {}, command, pings = true, ws }: Command): Runtime {
  return {
    name,
    lacks,
    async run(env) {
      const home = makeHome()
      try {
        furnish(home)
        if (ws !== undefined) await furnishWs(home, ws)
        const run = async (file: string) =>
          start(await command(file), path.join(home.dir, 'suite', file), { ...env, pings })
        const imported = await run('import.js')
        const required = await run('require.cjs')
        const either = Object.entries(imported.outcomes()).map(([row, reason]) => {
          const other = required.outcomes()[row]
          return [row, reason ?? (typeof other === 'string' ? `by require: ${other}` : null)]
        })
        const one = (await run('both.js')).outcomes()
        return {
          import: null,
          require: null,
          ...one,
          'exit within 100 ms': await exit(run),
          ...Object.fromEntries(either),
        } as Outcomes
      } finally {
        home.remove()
      }
    },
  }
}

interface Ended {
  /** When it had ended. */
  readonly at: number
  readonly out: string
  outcomes(): Outcomes
}

async function start(
  [file, ...args]: readonly [string, ...string[]],
  script: string,
  env: object,
): Promise<Ended> {
  // nobody's settings: neither a proxy nor a loader of the process that runs the tests
  const clean = { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' }
  const key = `${path.basename(script)}-${randomUUID()}`
  const child = spawn(file, [...args, script, JSON.stringify({ ...env, key })], {
    cwd: path.dirname(path.dirname(script)),
    env: clean,
    timeout: PATIENCE,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err, at] = ['', '', 0]
  child.stdout.on('data', (data) => (out += data))
  child.stderr.on('data', (data) => (err += data))
  child.on('exit', () => (at = Date.now()))
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null]
  if (status !== 0)
    throw new Error(`${path.basename(script)} ended with ${status ?? signal}: ${err.trim().slice(0, 500)}`)
  return { at, out, outcomes: () => JSON.parse(out) as Outcomes }
}

/** The best of three: a machine with much to do may keep any process from ending. */
async function exit(run: (file: string) => Promise<Ended>): Promise<string | null> {
  let least = Infinity
  for (let tries = 0; tries < 3 && least > EXIT; tries++) {
    const { at, out } = await run('exit.js')
    least = Math.min(least, at - Number(out))
  }
  return least <= EXIT ? null : `it took ${least} ms`
}

const nodeProgram = (version: string): Command['command'] => {
  return async () => [await program(node(version), 'bin/node')]
}
const bunProgram = (version: string): Command['command'] => {
  return async () => [await program(bun(version), 'bin/bun')]
}
/** The exit does with --allow-net alone; to read is for `require`, and the environment for ws there and for proxies. */
const denoProgram = (version: string): Command['command'] => {
  return async (file) => [
    await program(deno(version), 'deno'),
    ...['run', '--no-prompt', '--allow-net'],
    ...(file === 'exit.js' ? [] : ['--allow-read', '--allow-env']),
  ]
}

const nodeOf = (version: string, ws?: string): Runtime =>
  commanded({
    name: `Node ${version}${ws === undefined ? '' : `, ws ${ws}`}`,
    command: nodeProgram(version),
    ...(ws !== undefined && { ws }),
  })

const bunOf = (version: string, more: Pick<Command, 'lacks' | 'pings'> = {}): Runtime =>
  commanded({
    name: `Bun ${version}`,
    command: bunProgram(version),
    ...more,
  })

const denoOf = (version: string): Runtime =>
  commanded({
    name: `Deno ${version}`,
    lacks: { 'one copy for import, require': '`require` loads the build for Node' },
    command: denoProgram(version),
  })

/** The Node that runs this. */
export const thisNode: Runtime = commanded({
  name: `Node ${process.versions.node}`,
  command: () => Promise.resolve([process.execPath]),
})

const noNodeOptions = '`node` options are rejected, because Bun’s class does not support them'

export const processes: readonly Runtime[] = [
  nodeOf(NODE.least),
  nodeOf(NODE.before),
  nodeOf(NODE.stable),
  nodeOf(NODE.newest),
  nodeOf(NODE.stable, WS),
  bunOf(BUN.own, {
    pings: false,
    lacks: {
      'close by the peer': 'its class reports 1000 instead of 1001',
      '401 and 404 are reported': 'its class does not report the HTTP status',
      headers: noNodeOptions,
      'TLS with its own CA': noNodeOptions,
      proxy: noNodeOptions,
    },
  }),
  bunOf(BUN.least),
  bunOf(BUN.newest),
  denoOf(DENO.least),
  denoOf(DENO.newest),
]

/** Those that `npm test` runs: quickly installed, and each of a kind of its own. */
export const quick: readonly Runtime[] = [
  thisNode,
  nodeOf(NODE.newest),
  bunOf(BUN.newest),
  denoOf(DENO.newest),
]

/** Where `everopen/server` is run: by name, and whether it can be had there. */
export const servers: readonly (readonly [string, Pick<Command, 'command'>, 'works' | 'refused'])[] = [
  [`Node ${process.versions.node}`, { command: () => Promise.resolve([process.execPath]) }, 'works'],
  [`Node ${NODE.newest}`, { command: nodeProgram(NODE.newest) }, 'works'],
  [`Bun ${BUN.own}`, { command: bunProgram(BUN.own) }, 'refused'],
  [`Bun ${BUN.least}`, { command: bunProgram(BUN.least) }, 'refused'],
  [`Bun ${BUN.newest}`, { command: bunProgram(BUN.newest) }, 'works'],
  [`Deno ${DENO.newest}`, { command: denoProgram(DENO.newest) }, 'works'],
]
