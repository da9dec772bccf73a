/** The bindings in real pages: one connection for a component, through its whole life. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { compileScript, parse } from 'vue/compiler-sfc'
import { WebSocketServer } from 'ws'
import { fencesOf } from '../test/consumers/fences.js'
import { expect, test } from './engine.js'
import { startSite } from './site.js'

interface InPage {
  readonly problems: string[]
  /** Shows the component with that URL, or takes it away. */
  show(path: string | undefined): void
}

const start = `
  const urlOf = (path) => path && location.origin.replace('http', 'ws') + path
  const options = { retry: { backoff: () => 5 } }
  const app = document.body.appendChild(document.createElement('main'))
`

/** Each says hello as soon as it is open, and shows its state and what came last. */
const apps = {
  react: `
    import { StrictMode, useEffect } from 'react'
    import { createRoot } from 'react-dom/client'
    import { useLastMessage, useReconnectingSocket } from 'everopen/react'
    ${start}
    function Feed({ url }) {
      const { socket, snapshot } = useReconnectingSocket(url, options)
      const last = useLastMessage(socket)
      const isOpen = snapshot.state === 'open'
      useEffect(() => {
        if (isOpen) socket.send('hello ' + url.at(-1))
      }, [socket, isOpen, url])
      return <p>{snapshot.state} {last}</p>
    }
    const root = createRoot(app)
    window.show = (path) => root.render(<StrictMode>{path && <Feed url={urlOf(path)} />}</StrictMode>)
  `,
  vue: `
    import { createApp, h, ref, toRef, watch } from 'vue'
    import { useLastMessage, useReconnectingSocket } from 'everopen/vue'
    ${start}
    const Feed = {
      props: ['url'],
      setup(props) {
        const { socket, snapshot } = useReconnectingSocket(toRef(props, 'url'), options)
        const last = useLastMessage(socket)
        watch(
          () => [socket.value, snapshot.value.state === 'open'],
          ([current, isOpen]) => isOpen && current.send('hello ' + props.url.at(-1)),
        )
        return () => h('p', snapshot.value.state + ' ' + last.value)
      },
    }
    const url = ref()
    createApp(() => url.value && h(Feed, { url: url.value })).mount(app)
    window.show = (path) => (url.value = urlOf(path))
  `,
}

const root = fileURLToPath(new URL('..', import.meta.url))

/** @param sample The source of the module `sample`, if the code imports it. */
async function bundle(code: string, sample = ''): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, loader: 'jsx', resolveDir: root },
    plugins: [
      {
        name: 'sample',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^sample$/ }, ({ path }) => ({ path, namespace: 'sample' }))
          onLoad({ filter: /./, namespace: 'sample' }, () => ({
            contents: sample,
            loader: 'tsx',
            resolveDir: root,
          }))
        },
      },
    ],
    bundle: true,
    write: false,
    format: 'iife',
    jsx: 'automatic',
    // as bundlers build for users
    conditions: ['production'],
    // StrictMode mounts twice in development alone
    define: {
      'process.env.NODE_ENV': '"development"',
      __VUE_OPTIONS_API__: 'false',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
    logLevel: 'silent',
  })
  return outputFiles[0]!.text
}

for (const [name, code] of Object.entries(apps))
  test(`${name}: one connection, after a close, for another URL, and none when it is gone`, async ({
    tab,
  }) => {
    const page = { '/app.js': await bundle(code), '/': '<body><script src="/app.js"></script></body>' }
    // the first connection is closed after the first message
    const site = await startSite(page, 1)
    const show = (path?: string): Promise<void> =>
      tab.evaluate((given) => (globalThis as unknown as InPage).show(given ?? undefined), path ?? null)
    const shows = (text: string): Promise<void> =>
      tab.until((given) => document.querySelector('main')?.textContent === given, text)
    try {
      await tab.goto(site.origin)
      await show('/1')
      await expect.poll(site.connections).toBe(2)
      await shows('open hello 1')
      expect(site.open()).toEqual(['/1'])
      await show('/2')
      await shows('open hello 2')
      await expect.poll(site.open).toEqual(['/2'])
      await show()
      await shows('')
      await expect.poll(site.open).toEqual([])
      expect(site.connections()).toBe(3)
      expect(await tab.evaluate(() => (globalThis as unknown as InPage).problems)).toEqual([])
    } finally {
      await site.stop()
    }
  })

/** Shows the component of a sample of the documentation. */
const harness = {
  react: `
    import { createRoot } from 'react-dom/client'
    import * as sample from 'sample'
    const Component = Object.values(sample).at(-1)
    createRoot(document.body.appendChild(document.createElement('main'))).render(<Component />)
  `,
  vue: `
    import { createApp } from 'vue'
    import Component from 'sample'
    createApp(Component).mount(document.body.appendChild(document.createElement('main')))
  `,
}

function compile(source: string): string {
  const { descriptor } = parse(source)
  return compileScript(descriptor, { id: 'sample', inlineTemplate: true }).content
}

const vue = fencesOf('docs/vue.md').map(({ code }) => compile(code))
const react = fencesOf('docs/react.md').map(({ code }) => code)
const samples: readonly (readonly [name: keyof typeof harness, code: string, html: string, path: string])[] =
  [
    ['react', react[0]!, '<b>42</b>', '/price'],
    ['react', react[1]!, '<pre>42</pre>', '/log'],
    ['vue', vue[0]!, '<b>42</b>', '/price'],
    ['vue', vue[1]!, '<p>42</p>', '/rooms/lobby'],
  ]

test('each sample has its test', () => expect(samples).toHaveLength(react.length + vue.length))

for (const [name, code, html, path] of samples)
  test(`${name}: the sample for ${path} runs`, async ({ tab }) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    const paths: (string | undefined)[] = []
    server.on('connection', (socket, { url }) => {
      paths.push(url)
      socket.send('42')
    })
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const script = await bundle(
      harness[name],
      code.replaceAll('wss://example.test', `ws://127.0.0.1:${port}`),
    )
    const site = await startSite(
      { '/app.js': script, '/': '<body><script src="/app.js"></script></body>' },
      0,
    )
    try {
      await tab.goto(site.origin)
      await tab.until((given) => document.querySelector('main')?.innerHTML.includes(given), html)
      expect(paths).toEqual([path])
      expect(await tab.evaluate(() => (globalThis as unknown as InPage).problems)).toEqual([])
    } finally {
      for (const client of server.clients) client.terminate()
      server.close()
      await site.stop()
    }
  })
