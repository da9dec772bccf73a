import { readFileSync } from 'node:fs'
import commonjs from '@rollup/plugin-commonjs'
import resolve from '@rollup/plugin-node-resolve'
import terser from '@rollup/plugin-terser'
import type { Plugin, RollupOptions } from 'rollup'
import dts from 'rollup-plugin-dts'
import esbuild from 'rollup-plugin-esbuild'

const target = 'es2022'

/** Makes a `tsc`-free build of the sources for one platform; `#platform` is resolved by its condition. */
function plugins(condition: 'browser' | 'node'): Plugin[] {
  return [
    resolve({
      browser: condition === 'browser',
      preferBuiltins: condition === 'node',
      exportConditions: [condition],
    }),
    commonjs(),
    esbuild({ target }),
  ]
}

const sourcemap = true
const outputs = (dir: string) =>
  [
    { file: `${dir}/index.js`, format: 'es', sourcemap },
    { file: `${dir}/index.cjs`, format: 'cjs', sourcemap },
  ] as const

/** For whom `DEBUG` is set, the proxy agents would write out URLs with their passwords. */
const silentDebug: Plugin = {
  name: 'silent-debug',
  resolveId: (id) => (id === 'debug' ? '\0debug' : null),
  load: (id) =>
    id === '\0debug' ? 'export default () => Object.assign(() => {}, { enabled: false })' : null,
}

const bundled = ['commander', 'https-proxy-agent', 'agent-base', 'socks', 'smart-buffer', 'ip-address']

/** The licenses of what is bundled ask to be kept with it. (proxy-agent-negotiate has none but the word MIT.) */
function licenses(...names: string[]): string {
  const texts = names.map(
    (name) => `${name}\n\n${readFileSync(`node_modules/${name}/LICENSE`, 'utf8').trim()}`,
  )
  return `/*!\n${texts.join('\n\n---\n\n').replaceAll('*/', '* /')}\n*/`
}

/** Without it, types would lack `Symbol.asyncDispose` for a consumer whose `lib` is older. */
const banner = '/// <reference lib="esnext.disposable" />'

const config: RollupOptions[] = [
  // isomorphic-ws is ws there: both stay the application's to update. What the entries share is in one place, so that
  // an error of one is an instance of the other's class
  {
    input: { index: 'src/index.ts', proxy: 'src/proxy/index.ts' },
    external: ['ws', 'isomorphic-ws', 'https-proxy-agent', 'socks'],
    plugins: plugins('node'),
    output: (['js', 'cjs'] as const).map((extension) => ({
      dir: 'dist/node',
      format: extension === 'js' ? 'es' : 'cjs',
      entryFileNames: `[name].${extension}`,
      chunkFileNames: `shared.${extension}`,
      sourcemap,
    })),
  },
  { input: 'src/index.ts', plugins: plugins('browser'), output: [...outputs('dist/browser')] },
  {
    input: 'src/index.ts',
    plugins: [...plugins('browser'), terser({ ecma: 2020 })],
    output: { file: 'dist/everopen.min.js', format: 'iife', name: 'everopen', sourcemap },
  },
  // the command uses the package as its other users do; the rest of what it needs is in the bundle
  {
    input: 'src/cli/main.ts',
    external: [/^node:/, /\/src\/(index|diagnostics\/errors)\.ts$/, 'ws', 'kerberos'],
    plugins: [silentDebug, ...plugins('node'), terser({ module: true, ecma: 2020 })],
    output: {
      file: 'dist/cli.js',
      format: 'es',
      inlineDynamicImports: true,
      paths: (id) => (/\/src\/(index|diagnostics\/errors)\.ts$/.test(id) ? './node/index.js' : id),
      banner: () => `#!/usr/bin/env node\n${licenses(...bundled)}`,
    },
  },
  ...Object.entries({ index: 'src/index.ts', proxy: 'src/proxy/index.ts' }).map(
    ([name, input]): RollupOptions => ({
      input,
      external: /^(#|ws|isomorphic-ws|mitt|node:)/,
      plugins: [dts()],
      output: [
        { file: `dist/${name}.d.ts`, format: 'es', banner },
        { file: `dist/${name}.d.cts`, format: 'es', banner },
      ],
    }),
  ),
]

export default config
