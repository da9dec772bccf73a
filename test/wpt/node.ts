/** Node: each page in a process of its own, as far as it needs no document. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { program } from '../runtimes/cache.js'
import { node } from '../runtimes/versions.js'
import type { Visitor } from './engines.js'
import type { Page } from './checkout.js'
import type { Report } from './report.js'

const main = fileURLToPath(new URL('node-page.mjs', import.meta.url))

/** Of the pages those without HTTP/2, a worker or a window around them. */
export const forNode = ({ url, scheme }: Page): boolean =>
  scheme !== 'h2' && !/\.(worker|sharedworker|serviceworker|window)\.html/.test(url)

/** `which`: everopen's class, or Node's own. */
export function launchNode(version: string, which: 'everopen' | 'own', checkout: string): Visitor {
  return {
    version,
    async visit(url, patience) {
      const child = spawn(await program(node(version), 'bin/node'), [main, which, url, String(patience)], {
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: patience + 20_000,
        env: {
          PATH: process.env.PATH,
          NODE_EXTRA_CA_CERTS: path.join(checkout, 'tools/certs/cacert.pem'),
        },
      })
      let [out, err] = ['', '']
      child.stdout.on('data', (data) => (out += data))
      child.stderr.on('data', (data) => (err += data))
      await once(child, 'close')
      const told = /^everopen (.*)$/m.exec(out)?.[1]
      if (told === undefined) return { 'the page itself': `it ended without a report: ${err.slice(0, 500)}` }
      return JSON.parse(told) as Report
    },
    close: () => Promise.resolve(),
  }
}
