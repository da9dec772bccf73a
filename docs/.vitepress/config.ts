import { cpSync, existsSync } from 'node:fs'
import path from 'node:path'
import { defineConfig } from 'vitepress'

const docs = new URL('..', import.meta.url)

/** Entries of the sidebar, by title and file. */
const group = (text: string, pages: Readonly<Record<string, string>>) => ({
  text,
  collapsed: false,
  items: Object.entries(pages).map(([title, link]) => ({ text: title, link: `/${link}` })),
})

/** Anchors as GitHub makes them, so that links work there, too. */
const slugify = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')

export default defineConfig({
  title: 'everopen',
  description: 'A WebSocket that stays open',
  cleanUrls: true,
  markdown: { anchor: { slugify } },
  srcExclude: ['examples/**'],
  // programs, which the site has as files
  buildEnd: ({ srcDir, outDir }) =>
    cpSync(path.join(srcDir, 'examples'), path.join(outDir, 'examples'), { recursive: true }),
  // files beside the docs, which a repository browser and the tarball have and the site has not
  ignoreDeadLinks: [/\/examples\/\w+\.\w+$/, /(SECURITY|CHANGELOG|CONTRIBUTING|README)/],
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Guide', link: '/getting-started' },
      { text: 'Recipes', link: '/recipes/' },
      ...(existsSync(new URL('api/index.md', docs)) ? [{ text: 'API', link: '/api/' }] : []),
    ],
    sidebar: [
      group('Guide', {
        'Getting started': 'getting-started',
        'The demo': 'demo',
        Concepts: 'concepts',
        Sending: 'sending',
        Receiving: 'receiving',
        Retrying: 'retrying',
        Closing: 'closing',
        'Application handshake': 'hello',
        Heartbeat: 'heartbeat',
      }),
      group('Recipes', {
        'All recipes': 'recipes/',
        'Tokens and cookies': 'recipes/tokens',
        Resubscribing: 'recipes/resubscribing',
        JSON: 'recipes/json',
        'Request and response': 'recipes/request',
        'Graceful shutdown': 'recipes/shutdown',
        'Express, Fastify, Hono, NestJS': 'recipes/frameworks',
        'Load balancers': 'recipes/balancers',
        Deploys: 'recipes/deploys',
        'Background tabs, React Native': 'recipes/background',
        'Extensions (MV3)': 'recipes/extensions',
        'Server-side rendering': 'recipes/ssr',
        Svelte: 'recipes/svelte',
        'Behind a proxy': 'recipes/proxy',
      }),
      group('Sessions', {
        Sessions: 'sessions',
        'The server': 'session-server',
        'The protocol': 'session-protocol',
      }),
      group('More than a socket', {
        'One connection for all tabs': 'tabs',
        React: 'react',
        Vue: 'vue',
        'Testing your application': 'testing',
        'Under other clients': 'under-other-clients',
        'The command': 'command',
      }),
      group('Reference', {
        Options: 'options',
        'Events, methods, errors': 'events',
        API: 'api/',
        Troubleshooting: 'troubleshooting',
      }),
      group('Evidence', {
        'What is guaranteed': 'guarantees',
        'The state machine': 'machine',
        'Choosing a backoff': 'backoff',
        Benchmarks: 'benchmarks',
        Sizes: 'sizes',
        'Where it runs': 'where-it-runs',
        'How it compares': 'comparison',
      }),
      group('Migrating from', {
        'Other WebSocket libraries': 'migration',
        'Python’s websocket-client': 'from-websocket-client',
      }),
    ],
  },
})
