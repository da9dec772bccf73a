/** workerd, by Miniflare: the suite bundled under its condition, in a worker that answers with the outcome. */
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Readable } from 'node:stream'
import * as esbuild from 'esbuild'
import { makeHome } from '../consumers/home.js'
import { installed } from './cache.js'
import { furnish } from './furnish.js'
import type { Outcomes, Runtime } from './runtime.js'
import { MINIFLARE } from './versions.js'

interface Miniflare {
  dispatchFetch(url: string, init: { method: string; body: string }): Promise<{ json(): Promise<unknown> }>
  dispose(): Promise<void>
}

const noOptions = 'the platform’s class does not support `node` options'

export const workerd: Runtime = {
  name: `workerd ${MINIFLARE.miniflare?.split('.')[1]}`,
  lacks: {
    'one copy for import, require': 'a worker is a single bundle',
    'exit within 100 ms': 'a worker has no process',
    '401 and 404 are reported': 'its class does not report the HTTP status',
    headers: noOptions,
    'TLS with its own CA': noOptions,
    proxy: noOptions,
  },
  async run(env) {
    const home = makeHome()
    try {
      furnish(home)
      const run = (kind: string) =>
        inWorker(path.join(home.dir, `suite/worker-${kind}.js`), { ...env, pings: false })
      const imported = await run('import')
      const required = await run('require')
      return { import: null, require: null, ...required, ...imported }
    } finally {
      home.remove()
    }
  },
}

async function inWorker(entry: string, env: object): Promise<Outcomes> {
  const { outputFiles } = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['workerd', 'worker'],
    target: 'es2022',
  })
  const require = createRequire(path.join(await installed(MINIFLARE), 'package.json'))
  const { Miniflare } = require('miniflare') as { Miniflare: new (options: object) => Miniflare }
  const worker = new Miniflare({
    modules: true,
    script: outputFiles[0]!.text,
    compatibilityDate: '2026-07-01',
    // it writes a stack for each certificate that it refuses
    handleRuntimeStdio: (...streams: Readable[]) => streams.forEach((stream) => stream.resume()),
  })
  try {
    const answer = await worker.dispatchFetch('http://worker/', { method: 'POST', body: JSON.stringify(env) })
    return (await answer.json()) as Outcomes
  } finally {
    await worker.dispose()
  }
}
