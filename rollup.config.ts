import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import commonjs from '@rollup/plugin-commonjs'
import inject from '@rollup/plugin-inject'
import resolve from '@rollup/plugin-node-resolve'
import terser from '@rollup/plugin-terser'
import type { Plugin, RollupOptions } from 'rollup'
import dts from 'rollup-plugin-dts'
import esbuild from 'rollup-plugin-esbuild'
import { production } from './scripts/production.js'
import { thirdParty } from './scripts/third-party.js'

const target = 'es2022'

const others = thirdParty()

/** Makes a `tsc`-free build of the sources for one platform; `#platform` is resolved by the conditions. */
function plugins(platform: 'browser' | 'node', ...conditions: string[]): Plugin[] {
  return [
    resolve({
      browser: platform === 'browser',
      preferBuiltins: platform === 'node',
      exportConditions: [...conditions, platform],
    }),
    commonjs(),
    esbuild({ target }),
    others,
  ]
}

const sourcemap = true

/** What package.json exports, by the name of its file: where its source is, and for which platforms it is built. */
const entries: Readonly<Record<string, { input: string; for: readonly ('browser' | 'node')[] }>> = {
  index: { input: 'src/index.ts', for: ['browser', 'node'] },
  proxy: { input: 'src/proxy/index.ts', for: ['node'] },
  server: { input: 'src/server/index.ts', for: ['node'] },
  'server-redis': { input: 'src/server/redis/index.ts', for: ['node'] },
  'reconnecting-websocket': { input: 'src/reconnecting-websocket/index.ts', for: ['browser', 'node'] },
  tabs: { input: 'src/tabs/index.ts', for: ['browser', 'node'] },
  partysocket: { input: 'src/partysocket/index.ts', for: ['browser', 'node'] },
  session: { input: 'src/session/index.ts', for: ['browser', 'node'] },
  'session-file': { input: 'src/session/file/index.ts', for: ['node'] },
  react: { input: 'src/react/index.ts', for: ['browser', 'node'] },
  vue: { input: 'src/vue/index.ts', for: ['browser', 'node'] },
  testing: { input: 'src/testing/index.ts', for: ['browser', 'node'] },
}

/** What an entry may ask for and does not bring along: dependencies and optional peers. */
const external = {
  node: ['ws', 'isomorphic-ws', 'socks', 'better-sqlite3', 'redis', 'react', 'vue'],
  browser: ['react', 'vue'],
}

/** What makes another build for the same platform. */
interface Variant {
  readonly dir?: string
  /** Before the platform's own, for `#platform`. */
  readonly conditions?: readonly string[]
  readonly plugins?: readonly Plugin[]
  /** Of what is external otherwise. */
  readonly bundled?: readonly string[]
  readonly banner?: () => string
}

/**
 * All entries of one platform and format, built together: what they share is in one place, so that an error of one is an
 * instance of the other's class.
 */
function build(
  platform: 'browser' | 'node',
  extension: 'js' | 'cjs',
  { dir = platform, conditions = [], plugins: more = [], bundled = [], banner }: Variant = {},
): RollupOptions {
  const own = Object.entries(entries).filter(([, entry]) => entry.for.includes(platform))
  return {
    input: Object.fromEntries(own.map(([name, { input }]) => [name, input])),
    external: external[platform].filter((name) => !bundled.includes(name)),
    plugins: [...plugins(platform, ...conditions), ...more],
    output: {
      dir: `dist/${dir}`,
      format: extension === 'js' ? 'es' : 'cjs',
      entryFileNames: `[name].${extension}`,
      chunkFileNames: `shared-[hash].${extension}`,
      // by itself, or a page that keeps its sessions in memory could not leave it out: `idb` does something when it is loaded
      manualChunks: (id) => (/node_modules[\\/]idb[\\/]/.test(id) ? 'idb' : undefined),
      exports: 'named',
      sourcemap,
      ...(banner && { banner }),
    },
  }
}

/** How a source loads, at once, a package that may be missing. */
const ownRequire = 'createRequire(import.meta.url)'

/**
 * For Node, what `import` gives is what `require` gives: one copy for both, so that an error of the one is an instance of
 * the other's class.
 */
const imports: Plugin = {
  name: 'imports',
  // which a bundler follows
  transform: (code) =>
    code.includes(ownRequire) ? { code: code.replaceAll(ownRequire, 'require'), map: null } : null,
  // by require: within Jest a CommonJS module cannot import()
  renderDynamicImport: ({ targetModuleId }) =>
    targetModuleId === 'ws' ? { left: 'Promise.resolve({ default: require(', right: ') })' } : null,
  generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk' || !chunk.isEntry) continue
      this.emitFile({
        type: 'asset',
        fileName: chunk.fileName.replace(/cjs$/, 'js'),
        source: `export { ${chunk.exports.map((name) => reexport(name, chunk.code)).join(', ')} } from './${chunk.fileName}'\n`,
      })
    }
  },
}

/** To `import`, the default of a CommonJS module is all of it: our default is exported by the other name that it has. */
function reexport(name: string, code: string): string {
  if (name !== 'default') return name
  const [, value = ''] = /^exports\.default = (\w+);$/m.exec(code) ?? []
  if (!code.includes(`exports.${value} = ${value};`)) throw new Error('the default export has no name')
  return `${value} as default`
}

/** Globals that React Native has not, or that workerd has otherwise: src/engine/index.ts. */
const engine = inject({
  include: ['src/**'],
  exclude: ['src/engine/**'],
  modules: Object.fromEntries(
    ['DOMException', 'Event', 'EventTarget', 'URL'].map((name) => [
      name,
      [fileURLToPath(new URL('src/engine/index.ts', import.meta.url)), name],
    ]),
  ),
})

/** `ws` asks the environment whether to look for native helpers; Deno asks the user whether it may. */
const noHelpers: Plugin = {
  name: 'no-helpers',
  transform: (code, id) =>
    /node_modules[\\/]ws[\\/]/.test(id)
      ? { code: code.replaceAll(/process\.env\.WS_NO_\w+/g, 'true'), map: null }
      : null,
}

const bundled = ['commander', 'socks', 'smart-buffer', 'ip-address']

/** The licenses of what is bundled ask to be kept with it. */
function licenses(...names: string[]): string {
  const texts = names.map(
    (name) => `${name}\n\n${readFileSync(`node_modules/${name}/LICENSE`, 'utf8').trim()}`,
  )
  return `/*!\n${texts.join('\n\n---\n\n').replaceAll('*/', '* /')}\n*/`
}

/**
 * Without it, types would lack `Symbol.asyncDispose` for a consumer whose `lib` is older; a reference to the `lib` that
 * has it would fail where the compiler is older. It says the same as that `lib`, with which it is merged.
 */
const banner = `declare global {
  interface SymbolConstructor {
    readonly dispose: unique symbol
    readonly asyncDispose: unique symbol
  }
  interface Disposable {
    [Symbol.dispose](): void
  }
  interface AsyncDisposable {
    [Symbol.asyncDispose](): PromiseLike<void>
  }
}`

/** The sources that the command imports from the package's own build, and where they are in it. */
const commandUses: Readonly<Record<string, string>> = {
  index: './node/index.js',
  'diagnostics/errors': './node/index.js',
  'session/index': './node/session.js',
  'session/file/index': './node/session-file.js',
}

const config: RollupOptions[] = [
  // ws stays the application's to update
  build('node', 'cjs', { plugins: [imports] }),
  // Bun would put a class of its own in the place of ws
  build('node', 'cjs', {
    dir: 'with-ws',
    conditions: ['bun'],
    plugins: [noHelpers, imports],
    bundled: ['ws', 'isomorphic-ws'],
    banner: () => licenses('ws'),
  }),
  ...(['js', 'cjs'] as const).map((extension) => build('browser', extension)),
  ...(['js', 'cjs'] as const).map((extension) =>
    build('browser', extension, { dir: 'portable', conditions: ['react-native'], plugins: [engine] }),
  ),
  ...(['js', 'cjs'] as const).map((extension) =>
    build('browser', extension, { dir: 'production', plugins: [production()] }),
  ),
  {
    input: 'src/index.ts',
    plugins: [...plugins('browser'), terser({ ecma: 2020 })],
    output: { file: 'dist/everopen.min.js', format: 'iife', name: 'everopen', sourcemap },
  },
  // the command uses the package as its other users do; the rest of what it needs is in the bundle
  {
    input: 'src/cli/main.ts',
    external: [/^node:/, ...Object.keys(commandUses).map((file) => new RegExp(`/src/${file}\\.ts$`)), 'ws'],
    plugins: [...plugins('node'), terser({ module: true, ecma: 2020 })],
    output: {
      file: 'dist/cli.js',
      format: 'es',
      inlineDynamicImports: true,
      paths: (id) => commandUses[/\/src\/([\w/]+)\.ts$/.exec(id)?.[1] ?? ''] ?? id,
      banner: () => `#!/usr/bin/env node\n${licenses(...bundled)}`,
    },
  },
  {
    input: Object.fromEntries(Object.entries(entries).map(([name, { input }]) => [name, input])),
    external: /^(#|ws|isomorphic-ws|mitt|redis|react|vue|node:)/,
    plugins: [dts()],
    output: (['ts', 'cts'] as const).map((extension) => ({
      dir: 'dist',
      format: 'es',
      entryFileNames: `[name].d.${extension}`,
      chunkFileNames: `shared-[hash].d.${extension}`,
      banner,
    })),
  },
]

export default config
