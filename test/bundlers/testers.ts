/** Runners of tests, with each of their environments: a test that dials. */
import type { Env } from '../runtimes/server.js'
import { makeProject } from './project.js'
import type { Tool } from './tool.js'

/** The build for Node checks the options for Node, that for pages has none. */
const body = ({ ws }: Env, build: 'node' | 'browser'): string => `
  test('takes the build for ${build}', () => {
    const options = { autoConnect: false, node: { headers: 5 } }
    const make = () => new ReconnectingSocket('${ws}echo', options)
    if ('${build}' === 'node') expect(make).toThrow('node.headers')
    else make()
  })

  test('runs', async () => {
    const socket = new ReconnectingSocket('${ws}echo')
    const text = await new Promise((resolve) => {
      socket.on('message', resolve)
      socket.send('in a test')
    })
    socket.close()
    await socket.closed
    expect(text).toBe('in a test')
  })
`

function jest(environment: 'node' | 'jsdom', build: 'node' | 'browser'): Tool {
  return {
    name: `Jest 30.5.2, ${environment}`,
    async run(env, { step }) {
      const packages = { jest: '30.5.2', 'jest-environment-jsdom': '30.5.2' }
      const project = await makeProject(packages, {
        'app.test.cjs': `const { ReconnectingSocket } = require('everopen')\n${body(env, build)}`,
        'jest.config.json': JSON.stringify({
          testEnvironment: environment,
          testMatch: ['**/*.test.cjs'],
          transform: {},
        }),
      })
      const test = (name: string) => project.run('jest', '--watchman=false', '-t', name)
      try {
        await step('takes the right build', () => test('takes'))
        await step('runs', () => test('runs'))
      } finally {
        project.remove()
      }
    },
  }
}

function vitest(environment: string, packages: Readonly<Record<string, string>> = {}): Tool {
  return {
    name: `Vitest 5.1.1, ${environment}`,
    async run(env, { step }) {
      const project = await makeProject(
        { vitest: '5.1.1', ...packages },
        {
          'app.test.js': `import { expect, test } from 'vitest'\nimport { ReconnectingSocket } from 'everopen'\n${body(env, 'node')}`,
        },
      )
      const test = (name: string) => project.run('vitest', 'run', '--environment', environment, '-t', name)
      try {
        await step('takes the right build', () => test('takes'))
        await step('runs', () => test('runs'))
      } finally {
        project.remove()
      }
    },
  }
}

export const testers: readonly Tool[] = [
  jest('node', 'node'),
  jest('jsdom', 'browser'),
  vitest('node'),
  vitest('jsdom', { jsdom: '26.1.0' }),
  vitest('happy-dom', { 'happy-dom': '21.0.4' }),
  vitest('edge-runtime', { '@edge-runtime/vm': '5.0.0' }),
]
