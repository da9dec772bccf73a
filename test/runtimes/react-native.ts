/** React Native: the suite bundled by its Metro, over its own JavaScript, with its native modules played. */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { cpSync, existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Home, makeHome, root } from '../consumers/home.js'
import { installed } from './cache.js'
import { furnish } from './furnish.js'
import type { Outcomes, Runtime } from './runtime.js'
import { type Packages, REACT_NATIVE } from './versions.js'

const execute = promisify(execFile)

/** Runs a program, and gives its output; throws its own words. */
async function run(file: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    // Metro's caches go with the project
    const { stdout } = await execute(file, args, { cwd, env: { ...process.env, TMPDIR: cwd, TEMP: cwd } })
    return stdout
  } catch (error) {
    const { stderr, message } = error as Error & { readonly stderr?: string }
    throw new Error((stderr || message).trim().slice(-500))
  }
}

const script = (name: string): string => fileURLToPath(new URL(`react-native/${name}`, import.meta.url))

/** In columns of React Native alone. */
export const BYTECODE = 'Hermes compiles it'

const noOptions = 'the platform’s class does not support `node` options'

function reactNative(packages: Packages): Runtime {
  return {
    name: `React Native ${packages['react-native']}`,
    more: [BYTECODE],
    lacks: {
      'one copy for import, require': 'an application is a single bundle',
      'exit within 100 ms': 'an application has no process',
      'order of Blobs': 'it cannot create a Blob from bytes',
      '401 and 404 are reported': 'its class does not report the HTTP status',
      headers: noOptions,
      'TLS with its own CA': noOptions,
      proxy: noOptions,
    },
    async run(env) {
      const dir = await installed(packages)
      const home = makeHome()
      try {
        furnish(home)
        // its bundler follows no link out of the project
        const mitt = path.join(home.dir, 'node_modules/mitt')
        rmSync(mitt)
        cpSync(path.join(root, 'node_modules/mitt'), mitt, { recursive: true })
        const imported = await inApp(home, dir, 'import', env)
        const required = await inApp(home, dir, 'require', env)
        const bytecode = await compiled(dir, path.join(home.dir, 'import.bundle.js'))
        return { import: null, require: null, ...required, ...imported, [BYTECODE]: bytecode }
      } finally {
        home.remove()
      }
    },
  }
}

async function inApp(home: Home, packages: string, kind: string, env: object): Promise<Outcomes> {
  const bundle = path.join(home.dir, `${kind}.bundle.js`)
  const entry = path.join(home.dir, 'suite', `native-${kind}.js`)
  await run(process.execPath, [script('bundle.cjs'), entry, packages, bundle], home.dir)
  const told = JSON.stringify({ ...env, pings: false, key: randomUUID() })
  return JSON.parse(await run(process.execPath, [script('host.cjs'), bundle, told], home.dir)) as Outcomes
}

/** What React Native's Hermes says of a bundle; null where it takes it. */
async function compiled(packages: string, bundle: string): Promise<string | null> {
  const system =
    { linux: 'linux64-bin', darwin: 'osx-bin', win32: 'win64-bin' }[process.platform as string] ?? ''
  const programs = ['hermes-compiler/hermesc', 'react-native/sdks/hermesc'].map((dir) =>
    path.join(
      packages,
      'node_modules',
      dir,
      system,
      process.platform === 'win32' ? 'hermesc.exe' : 'hermesc',
    ),
  )
  const hermesc = programs.find((file) => existsSync(file))
  if (hermesc === undefined) return 'there is no hermesc'
  try {
    await run(hermesc, ['-O', '-w', '-emit-binary', '-out', `${bundle}.hbc`, bundle], path.dirname(bundle))
    return null
  } catch (error) {
    return (error as Error).message
  }
}

export const reactNatives: readonly Runtime[] = REACT_NATIVE.map(reactNative)
