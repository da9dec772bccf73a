/** `npm run docs` builds the documentation as a site, `npm run docs:dev` serves it while it is written. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { deadLinks } from './docs-links.mjs'
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
const dev = process.argv[2] === 'dev'
step('vitepress', dev ? 'dev' : 'build', 'docs')
if (!dev) {
  const dead = deadLinks('docs/.vitepress/dist')
  if (dead.length > 0) {
    console.error(`dead links:\n${dead.join('\n')}`)
    process.exit(1)
  }
}
