/** A project in a temporary folder, with its tools installed and everopen as `npm pack` makes it. */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { makeHome, root } from '../consumers/home.js'
import { installed, program as programOf } from '../runtimes/cache.js'
import { node, NODE, type Packages } from '../runtimes/versions.js'

const PATIENCE = 300_000

export interface Project {
  readonly dir: string
  /** What its programs find around them. */
  readonly env: NodeJS.ProcessEnv
  /** Runs a program: one of the project's packages by its name, or one by its path. Gives what it wrote. */
  run(program: string, ...args: string[]): Promise<string>
  /** The text of all JavaScript below a folder. */
  code(folder: string): string
  remove(): void
}

/** @param files By their paths in the project. */
export async function makeProject(
  packages: Packages,
  files: Readonly<Record<string, string>>,
): Promise<Project> {
  const home = makeHome()
  const { dir } = home
  const modules = path.join(dir, 'node_modules')
  // links lead out of the project, which some bundlers do not follow
  for (const name of ['ws', 'isomorphic-ws', 'mitt']) {
    rmSync(path.join(modules, name))
    cpSync(path.join(root, 'node_modules', name), path.join(modules, name), { recursive: true })
  }
  if (Object.keys(packages).length > 0) {
    const from = path.join(await installed(packages), 'node_modules')
    for (const name of readdirSync(from)) {
      if (existsSync(path.join(modules, name))) continue
      cpSync(path.join(from, name), path.join(modules, name), { recursive: true, verbatimSymlinks: true })
    }
  }
  const env = clean(dir, path.dirname(await programOf(node(NODE.stable), 'bin/node')))
  const manifest = {
    name: 'app',
    private: true,
    type: 'module',
    dependencies: { everopen: '*', ...packages },
  }
  for (const [name, text] of Object.entries({ 'package.json': JSON.stringify(manifest), ...files })) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true })
    writeFileSync(path.join(dir, name), text)
  }
  return {
    dir,
    env,
    async run(program, ...args) {
      const file = path.isAbsolute(program) ? program : path.join(modules, '.bin', program)
      try {
        const { stdout } = await promisify(execFile)(file, args, {
          cwd: dir,
          timeout: PATIENCE,
          maxBuffer: 2 ** 26,
          env,
        })
        return stdout
      } catch (error) {
        const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string }
        const words = (stderr + stdout || message).trim()
        throw new Error(words.length < 800 ? words : `${words.slice(0, 400)} … ${words.slice(-400)}`)
      }
    },
    code: (folder) => javaScript(path.join(dir, folder)),
    remove: () => home.remove(),
  }
}

/** Nobody's settings, which would make some tools build for development; and a Node that all of them take. */
function clean(dir: string, bin: string): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env
  const quiet = { CI: '1', NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1', NUXT_TELEMETRY_DISABLED: '1' }
  // Deno's bundler fetches esbuild from npm, and trusts whom this system trusts
  const deno = { DENO_TLS_CA_STORE: 'system', DENO_NO_UPDATE_CHECK: '1' }
  return { PATH: `${bin}${path.delimiter}${PATH}`, HOME, TMPDIR: dir, ...quiet, ...deno } as NodeJS.ProcessEnv
}

function javaScript(at: string): string {
  if (!existsSync(at)) return ''
  return readdirSync(at, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[cm]?js$/.test(name) && !name.includes('node_modules'))
    .map((name) => readFileSync(path.join(at, name), 'utf8'))
    .join('\n')
}
