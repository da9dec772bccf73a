/** Bundlers of pages: one application, bundled by each as its own manual says. */
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../consumers/home.js'
import { program } from '../runtimes/cache.js'
import { bun, BUN, deno, DENO, type Packages } from '../runtimes/versions.js'
import { buildIn } from './markers.js'
import { makeProject, type Project } from './project.js'
import type { Tool } from './tool.js'

/** Dials, sends, and ends with what came back. */
const app = (url: string): string => `
import { ReconnectingSocket } from 'everopen'
globalThis.suite = new Promise((resolve) => {
  const socket = new ReconnectingSocket('${url}echo')
  socket.send('through the bundle')
  socket.on('message', (text) => {
    resolve(text)
    socket.close()
  })
})
`

interface Bundler {
  readonly name: string
  readonly packages: Packages
  /** What the build should be; bundlers that set the condition `production` take that one. */
  readonly build: 'browser' | 'production'
  readonly kind: 'script' | 'module'
  readonly files?: Readonly<Record<string, string>>
  bundle(project: Project): Promise<unknown>
}

/** The version of what does the work. */
const versionOf = ({ name, packages }: Bundler): string => `${name} ${Object.values(packages)[0]}`

function bundled(bundler: Bundler): Tool {
  return {
    name: versionOf(bundler),
    async run({ ws }, cells) {
      const html = '<!doctype html><script type="module" src="./app.js"></script>'
      const files = { 'app.js': app(ws), 'index.html': html, ...bundler.files }
      const project = await makeProject(bundler.packages, files)
      try {
        await cells.step('builds', () => bundler.bundle(project))
        await cells.step('takes the right build', () => {
          const found = buildIn(project.code('out'))
          if (found !== bundler.build) throw new Error(`took ${found} where ${bundler.build} should be`)
        })
        await cells.step('no ws in a client', () => {
          if (buildIn(project.code('out')) === 'node') throw new Error('has ws')
        })
        await cells.step('runs', async () => {
          const page = fileURLToPath(new URL('page.cjs', import.meta.url))
          const ws = path.join(root, 'node_modules/ws')
          const out = await project.run(process.execPath, page, entryOf(project.dir), bundler.kind, ws)
          if (out.trim() !== 'through the bundle') throw new Error(`it said ${out}`)
        })
      } finally {
        project.remove()
      }
    },
  }
}

/** The script that the page loads. */
function entryOf(dir: string): string {
  for (const folder of ['out', 'out/assets'])
    if (existsSync(path.join(dir, folder)))
      for (const name of readdirSync(path.join(dir, folder)))
        if (/\.[cm]?js$/.test(name)) return path.join(dir, folder, name)
  throw new Error('there is no bundle')
}

const rspack = `
import { rspack } from '@rspack/core'
const options = { mode: 'production', entry: './app.js', target: 'web', context: import.meta.dirname, output: { path: import.meta.dirname + '/out' } }
rspack(options, (error, stats) => {
  if (error || stats.hasErrors()) throw error ?? new Error(stats.toString())
})
`
// without Babel's preset of an application it has to be asked to take modules
const metro = `
const Metro = require('metro')
Metro.loadConfig({ cwd: __dirname }).then((config) => {
  const { resolver, transformer } = config
  const getTransformOptions = async () => ({ transform: { experimentalImportSupport: true } })
  return Metro.runBuild(
    {
      ...config,
      reporter: { update() {} },
      resolver: { ...resolver, useWatchman: false },
      transformer: { ...transformer, getTransformOptions },
    },
    { entry: 'app.js', out: 'out/app.js', platform: 'web', dev: false, minify: true },
  )
})
`

export const bundlers: readonly Tool[] = (
  [
    {
      name: 'Vite',
      packages: { vite: '8.3.8' },
      build: 'production',
      kind: 'module',
      bundle: ({ run }) => run('vite', 'build', '--outDir', 'out', '--logLevel', 'error'),
    },
    {
      name: 'webpack',
      packages: { webpack: '5.113.0', 'webpack-cli': '7.3.1' },
      build: 'production',
      kind: 'script',
      bundle: ({ run }) => run('webpack', '--mode', 'production', '--entry', './app.js', '-o', 'out'),
    },
    {
      name: 'Rspack',
      packages: { '@rspack/core': '2.3.3' },
      build: 'production',
      kind: 'script',
      files: { 'build.mjs': rspack },
      bundle: ({ run }) => run(process.execPath, 'build.mjs'),
    },
    {
      name: 'esbuild',
      packages: { esbuild: '0.28.2' },
      build: 'browser',
      kind: 'module',
      bundle: ({ run }) => run('esbuild', 'app.js', '--bundle', '--minify', '--format=esm', '--outdir=out'),
    },
    {
      name: 'Rollup',
      packages: { rollup: '4.68.8', '@rollup/plugin-node-resolve': '16.0.3' },
      build: 'production',
      kind: 'module',
      bundle: ({ run }) =>
        run('rollup', 'app.js', '-d', 'out', '--silent', '-p', '@rollup/plugin-node-resolve={browser: true}'),
    },
    {
      name: 'Rolldown',
      packages: { rolldown: '1.3.2' },
      build: 'browser',
      kind: 'module',
      bundle: ({ run }) => run('rolldown', 'app.js', '-d', 'out', '--platform', 'browser'),
    },
    {
      name: 'Parcel',
      packages: { parcel: '2.16.4' },
      build: 'browser',
      kind: 'module',
      bundle: ({ run }) =>
        run('parcel', 'build', 'index.html', '--dist-dir', 'out', '--no-source-maps', '--no-cache'),
    },
    {
      name: 'Metro',
      packages: { metro: '0.87.1', 'metro-runtime': '0.87.1' },
      build: 'browser',
      kind: 'script',
      files: { 'build.cjs': metro, 'out/.keep': '' },
      bundle: ({ run }) => run(process.execPath, 'build.cjs'),
    },
    {
      name: 'Bun',
      packages: bun(BUN.newest),
      build: 'browser',
      kind: 'module',
      bundle: async ({ run }) =>
        run(
          await program(bun(BUN.newest), 'bin/bun'),
          'build',
          'app.js',
          '--outdir',
          'out',
          '--target',
          'browser',
        ),
    },
    {
      name: 'Deno',
      packages: deno(DENO.newest),
      build: 'browser',
      kind: 'module',
      bundle: async ({ run }) =>
        run(
          await program(deno(DENO.newest), 'deno'),
          'bundle',
          '--platform',
          'browser',
          'app.js',
          '-o',
          'out/app.js',
        ),
    },
  ] satisfies Bundler[]
).map(bundled)
