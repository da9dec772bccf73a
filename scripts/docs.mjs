/** `npm run docs` builds the documentation as a site, `npm run docs:dev` serves it while it is written. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ensureInstalled } from './setup.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
await ensureInstalled()

const step = (command, ...args) => {
  const { status } = spawnSync('npx', ['--no-install', command, ...args], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

// fails on an export without a docstring
step('typedoc', '--logLevel', 'Warn')
// the demo, with a server inside the page
step('tsx', 'demo/live/build.ts')
// fails on a link to a page that does not exist; test/consumers/links.test.ts checks the anchors too
step('vitepress', process.argv[2] === 'dev' ? 'dev' : 'build', 'docs')
