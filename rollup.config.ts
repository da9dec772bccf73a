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
    resolve({ browser: condition === 'browser', exportConditions: [condition] }),
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

/** Without it, types would lack `Symbol.asyncDispose` for a consumer whose `lib` is older. */
const banner = '/// <reference lib="esnext.disposable" />'

const config: RollupOptions[] = [
  // isomorphic-ws is ws there: both stay the application's to update. What the entries share is in one place, so that
  // an error of one is an instance of the other's class
  {
    input: { index: 'src/index.ts', proxy: 'src/proxy.ts' },
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
  ...['index', 'proxy'].map((name): RollupOptions => ({
    input: `src/${name}.ts`,
    external: /^(#|ws|isomorphic-ws|mitt|node:)/,
    plugins: [dts()],
    output: [
      { file: `dist/${name}.d.ts`, format: 'es', banner },
      { file: `dist/${name}.d.cts`, format: 'es', banner },
    ],
  })),
]

export default config
