/** Four bundlers, as installed: no `ws` in anything a browser loads, and no face where only the socket is used. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import nodeResolve from '@rollup/plugin-node-resolve'
import * as esbuild from 'esbuild'
import { rollup } from 'rollup'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { build as vite } from 'vite'
import webpack from 'webpack'
import { ofFace, ofSocket, ofWords, ofWs } from '../bundlers/markers.js'
import { type Home, makeHome, root } from './home.js'

let home: Home
let entry: string
beforeAll(() => {
  home = makeHome()
  entry = path.join(home.dir, 'app.js')
  writeFileSync(
    entry,
    `import { ReconnectingSocket } from 'everopen'\nglobalThis.app = new ReconnectingSocket('wss://a.test/', { autoConnect: false })\n`,
  )
})
afterAll(() => home.remove())

const bundlers: Readonly<Record<string, () => Promise<string>>> = {
  async esbuild() {
    const { outputFiles } = await esbuild.build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      minify: true,
      format: 'esm',
    })
    return outputFiles[0]?.text ?? ''
  },
  async rollup() {
    const bundle = await rollup({
      input: entry,
      plugins: [nodeResolve({ browser: true })],
      logLevel: 'silent',
    })
    const { output } = await bundle.generate({ format: 'es' })
    return output[0].code
  },
  async 'rollup with the production condition'() {
    const bundle = await rollup({
      input: entry,
      plugins: [nodeResolve({ browser: true, exportConditions: ['production'] })],
      logLevel: 'silent',
    })
    const { output } = await bundle.generate({ format: 'es' })
    return output[0].code
  },
  async 'esbuild with the production condition'() {
    const { outputFiles } = await esbuild.build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      conditions: ['production'],
      format: 'esm',
    })
    return outputFiles[0]?.text ?? ''
  },
  async 'rollup without the browser setting'() {
    const bundle = await rollup({
      input: entry,
      plugins: [nodeResolve()],
      logLevel: 'silent',
    })
    const { output } = await bundle.generate({ format: 'es' })
    return output[0].code
  },
  async vite() {
    // what `vite build` finds, outside of a test
    vi.stubEnv('NODE_ENV', 'production')
    const result = await vite({
      root: home.dir,
      logLevel: 'silent',
      configFile: false,
      build: { write: false, lib: { entry, formats: ['es'] }, minify: false },
    })
    vi.unstubAllEnvs()
    const first = Array.isArray(result) ? result[0] : result
    return first && 'output' in first ? first.output[0].code : ''
  },
  webpack: () =>
    new Promise((resolve, reject) => {
      const output = { path: path.join(home.dir, 'webpack'), filename: 'out.js' }
      webpack({ mode: 'production', entry, target: 'web', context: home.dir, output }, (error, stats) => {
        if (error || stats?.hasErrors()) reject(error ?? new Error(stats?.toString()))
        else resolve(readFileSync(path.join(output.path, output.filename), 'utf8'))
      })
    }),
}

/** Those that set the condition. */
const byProduction = [
  'vite',
  'webpack',
  'rollup with the production condition',
  'esbuild with the production condition',
]

test('the markers are what they are taken for', () => {
  const lib = path.join(path.dirname(createRequire(import.meta.url).resolve('ws')), 'lib')
  const source = ['websocket', 'permessage-deflate']
    .map((name) => readFileSync(path.join(lib, `${name}.js`), 'utf8'))
    .join('')
  for (const marker of ofWs) expect(source).toContain(marker)
  const dir = path.join(root, 'dist/browser')
  const browser = readdirSync(dir)
    .filter((file) => file.endsWith('.js'))
    .map((file) => readFileSync(path.join(dir, file), 'utf8'))
    .join('')
  for (const marker of [...ofFace, ofWords]) expect(browser).toContain(marker)
})

describe('an application that uses ReconnectingSocket', () => {
  test.each(Object.entries(bundlers))('%s', async (name, bundle) => {
    const code = await bundle()
    expect(code.includes(ofWords)).toBe(!byProduction.includes(name))
    expect(code).toContain(ofSocket)
    for (const marker of [...ofWs, ...ofFace]) expect(code).not.toContain(marker)
  })
})

describe('a server that uses everopen/proxy without the optional packages', () => {
  const server = (): string => {
    const file = path.join(home.dir, 'server.mjs')
    writeFileSync(file, `import { proxyAgent } from 'everopen/proxy'\nglobalThis.proxyAgent = proxyAgent\n`)
    return file
  }

  test('esbuild', async () => {
    const options = { bundle: true, write: false, platform: 'node', logLevel: 'silent' } as const
    const { errors } = await esbuild.build({ ...options, entryPoints: [server()] })
    expect(errors).toEqual([])
  })

  test('webpack', () =>
    new Promise<void>((resolve, reject) => {
      const output = { path: path.join(home.dir, 'webpack-server'), filename: 'out.js' }
      const options = {
        mode: 'production',
        entry: server(),
        target: 'node',
        context: home.dir,
        output,
      } as const
      webpack(options, (error, stats) => {
        if (error || stats?.hasErrors()) reject(error ?? new Error(stats?.toString()))
        else resolve()
      })
    }))
})
