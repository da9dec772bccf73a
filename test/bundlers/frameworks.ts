/** Frameworks that render on a server: one page that makes its socket on both sides, built, and served. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import path from 'node:path'
import { makeProject, type Project } from './project.js'
import { buildIn } from './markers.js'
import type { Tool } from './tool.js'

/** A socket that dials nothing by itself, as a page that is rendered on a server makes it. */
const made = `import { ReconnectingSocket } from 'everopen'
const socket = new ReconnectingSocket('/feed', { autoConnect: false })
`

interface Framework {
  readonly name: string
  readonly packages: Readonly<Record<string, string>>
  readonly files: Readonly<Record<string, string>>
  build(project: Project): Promise<unknown>
  /** Folder of what a page loads. */
  readonly client: string
  /** The server that was built, with its arguments; it listens at the port. */
  server(port: number): readonly [program: string, ...args: string[]]
  /** Paths that say `state: idle`. Default `/`. */
  readonly pages?: readonly string[]
}

function framed({ name, packages, files, build, client, server, pages = ['/'] }: Framework): Tool {
  return {
    name,
    async run(_, { step }) {
      const project = await makeProject(packages, files)
      try {
        await step('builds', () => build(project))
        const found = buildIn(project.code(client))
        await step('takes the right build', () => {
          if (found !== 'production') throw new Error(`its pages take ${found} where production should be`)
        })
        await step('no ws in a client', () => {
          if (found === 'node') throw new Error('has ws')
        })
        await step('runs', () => served(project, server, pages))
      } finally {
        project.remove()
      }
    },
  }
}

async function served(
  { dir }: Project,
  server: Framework['server'],
  pages: readonly string[],
): Promise<void> {
  const port = await freePort()
  const [program, ...args] = server(port)
  const file = program === 'node' ? program : path.join(dir, 'node_modules/.bin', program)
  const { PATH, HOME } = process.env
  const env = {
    PATH,
    HOME,
    HOST: '127.0.0.1',
    PORT: String(port),
    NITRO_HOST: '127.0.0.1',
  }
  const child = spawn(file, args, { cwd: dir, env, stdio: 'ignore', detached: true })
  try {
    await listening(port)
    for (const page of pages) {
      const text = await (await fetch(`http://127.0.0.1:${port}${page}`)).text()
      // React puts a comment between the two
      if (!/state: (<!-- -->)?idle/.test(text)) throw new Error(`${page} says ${text.slice(0, 200)}`)
    }
  } finally {
    const ended = once(child, 'exit')
    // with whatever it has started
    process.kill(-child.pid!)
    await ended
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  return port
}

async function listening(port: number): Promise<void> {
  const until = Date.now() + 60_000
  while (Date.now() < until) {
    const tcp = net.connect(port, '127.0.0.1')
    const open = await new Promise((resolve) =>
      tcp.once('connect', () => resolve(true)).once('error', () => resolve(false)),
    )
    tcp.destroy()
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error('it does not listen')
}

function next(bundler: 'turbopack' | 'webpack'): Framework {
  const page = (head: string) => `${head}${made}
export default function Page() {
  return <p>state: {socket.state}</p>
}
`
  return {
    name: `Next 16.4.6, ${bundler}, Node and edge`,
    packages: { next: '16.4.6', react: '19.3.1', 'react-dom': '19.3.1' },
    files: {
      'app/layout.jsx': 'export default ({ children }) => <html><body>{children}</body></html>\n',
      'app/page.jsx': page("'use client'\n"),
      // on the server alone
      'app/edge/page.jsx': page("export const runtime = 'edge'\n"),
    },
    build: ({ run }) => run('next', 'build', `--${bundler}`),
    client: '.next/static',
    server: (port) => ['next', 'start', '-p', String(port), '-H', '127.0.0.1'],
    pages: ['/', '/edge'],
  }
}

const sveltekit: Framework = {
  name: 'SvelteKit 3.2.0',
  packages: {
    '@sveltejs/kit': '3.2.0',
    svelte: '5.57.3',
    '@sveltejs/vite-plugin-svelte': '7.3.1',
    '@sveltejs/adapter-node': '6.0.1',
    vite: '8.3.8',
  },
  files: {
    'vite.config.js': `import adapter from '@sveltejs/adapter-node'
import { sveltekit } from '@sveltejs/kit/vite'
export default { plugins: [sveltekit({ adapter: adapter() })] }
`,
    'src/app.html': '<!doctype html><html><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>',
    'src/routes/+page.svelte': `<script>\n${made}</script>\n<p>state: {socket.state}</p>\n`,
  },
  build: ({ run }) => run('vite', 'build', '--logLevel', 'error'),
  client: 'build/client',
  server: () => ['node', 'build/index.js'],
}

const nuxt: Framework = {
  name: 'Nuxt 4.5.2',
  packages: { nuxt: '4.5.2', vue: '3.5.45' },
  files: {
    'nuxt.config.js': 'export default { telemetry: false }\n',
    'app/app.vue': `<script setup>\n${made}</script>\n<template><p>state: {{ socket.state }}</p></template>\n`,
  },
  build: ({ run }) => run('nuxt', 'build'),
  client: '.output/public',
  server: () => ['node', '.output/server/index.mjs'],
}

export const frameworks: readonly Tool[] = [next('turbopack'), next('webpack'), sveltekit, nuxt].map(framed)
