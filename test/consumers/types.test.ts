/** TypeScript, as installed: every module setting, without the DOM library and without Node's types. */
import path from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codec, declared, fetching, imported, required, use } from '../types/samples.js'
import { problems } from './compiler.js'
import { type Home, makeHome, root } from './home.js'

let home: Home
beforeAll(() => {
  home = makeHome()
})
afterAll(() => home.remove())

const { ModuleKind, ModuleResolutionKind } = ts
const settings = {
  'node16, ESM': ['mts', imported, ModuleKind.Node16, ModuleResolutionKind.Node16],
  'node16, CommonJS': ['cts', required, ModuleKind.Node16, ModuleResolutionKind.Node16],
  'nodenext, ESM': ['mts', imported, ModuleKind.NodeNext, ModuleResolutionKind.NodeNext],
  'nodenext, CommonJS': ['cts', required, ModuleKind.NodeNext, ModuleResolutionKind.NodeNext],
  bundler: ['ts', imported, ModuleKind.ESNext, ModuleResolutionKind.Bundler],
} as const

/** What the compiler says, with the module settings for bundlers. */
function bundled(file: string, text: string, options: ts.CompilerOptions): string[] {
  const [, , module, moduleResolution] = settings.bundler
  return problems(home, file, text, { module, moduleResolution, ...options })
}

describe('without the DOM library and without Node’s types', () => {
  test.each(Object.entries(settings))('%s', (name, [extension, head, module, moduleResolution]) => {
    const file = `${name.replace(/\W+/g, '-')}.${extension}`
    expect(
      problems(home, file, head + use + codec, { lib: ['lib.es2022.d.ts'], module, moduleResolution }),
    ).toEqual([])
  })

  test('a mistake is found: this test can fail', () => {
    const wrong = `${imported}\nconst n: number = new ReconnectingSocket('').state; void n`
    expect(bundled('wrong.ts', wrong, { lib: ['lib.es2022.d.ts'] })).not.toEqual([])
  })
})

test('with the DOM library the face goes where a WebSocket is expected', () => {
  const text = `
    import { ReconnectingSocket, ReconnectingWebSocket } from 'everopen'
    interface Wanted { readonly readyState: number; send(data: string): void; onmessage: ((event: MessageEvent) => void) | null; close(code?: number): void }
    const wanted: Wanted = new ReconnectingWebSocket('wss://a.test/')
    const Class: new (url: string, protocols?: string | string[]) => Wanted = ReconnectingWebSocket
    const socket = new ReconnectingSocket(new URL('wss://a.test/'), { signal: new AbortController().signal, WebSocket })
    socket.send(new Blob(['x']))
    void [wanted, Class]
  `
  expect(bundled('dom.ts', text, { lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'] })).toEqual([])
})

test('with the DOM library the events of the face go into functions for the platform’s', () => {
  const text = `
    import { ReconnectingWebSocket } from 'everopen'
    declare function onMessage(event: MessageEvent<string>): void
    declare function onClose(event: CloseEvent): void
    declare function onEvent(event: Event): void
    const socket = new ReconnectingWebSocket('wss://a.test/')
    socket.onopen = (event) => onEvent(event)
    socket.onmessage = (event) => onMessage(event)
    socket.onclose = (event) => onClose(event)
    socket.onerror = (event) => { onEvent(event); console.log(event.error?.code, event.message) }
    socket.addEventListener('message', (event) => onMessage(event))
    socket.addEventListener('close', { handleEvent: onClose })
    socket.onmessage = onMessage
    const platform: WebSocket = socket
    platform.onmessage = socket.onmessage
  `
  expect(bundled('events.ts', text, { lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'] })).toEqual([])
})

test.each([
  ['the DOM library', { lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'] }],
  [
    'Node’s types alone',
    { lib: ['lib.es2022.d.ts'], types: ['node'], typeRoots: [path.join(root, 'node_modules/@types')] },
  ],
])('the signal of providers and hello goes into fetch, with %s', (name, options) => {
  const file = `fetch-${name.replace(/\W+/g, '-')}.ts`
  expect(
    bundled(file, `import { ReconnectingSocket } from 'everopen'\n${fetching}`, {
      ...options,
      // those of Node are not all in order without the DOM library
      skipLibCheck: true,
    }),
  ).toEqual([])
})

test('undefined selects the default of every option, also with exactOptionalPropertyTypes', () => {
  const text = `
    import { ReconnectingSocket } from 'everopen'
    import { SessionServer, type SessionServerOptions } from 'everopen/server'
    import { testServer, type TestServerOptions } from 'everopen/testing'
    type Given<T> = { readonly [K in keyof T]-?: undefined }
    declare const server: Given<SessionServerOptions>
    declare const kit: Given<TestServerOptions>
    new SessionServer(server)
    testServer(kit).restart({ code: undefined, down: undefined })
    testServer({ protocol: (offered) => offered[0] })
    const socket = new ReconnectingSocket('wss://a.test/', { retry: { limit: undefined }, node: { ca: undefined } })
    socket.close(undefined, undefined, { drain: undefined })
  `
  expect(
    bundled('undefined.ts', text, {
      lib: ['lib.es2022.d.ts'],
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
    }),
  ).toEqual([])
})

test('net.createConnection itself can be node.createConnection', () => {
  const text = `
    import { createConnection } from 'node:net'
    import { ReconnectingSocket } from 'everopen'
    new ReconnectingSocket('wss://a.test/', { node: { createConnection } })
  `
  const typeRoots = [path.join(root, 'node_modules/@types')]
  expect(
    bundled('create-connection.ts', text, {
      lib: ['lib.es2022.d.ts'],
      types: ['node'],
      typeRoots,
      skipLibCheck: true,
    }),
  ).toEqual([])
})

test('a function that returns a socket can be exported with its declaration', () => {
  for (const [name, [extension, , module, moduleResolution]] of Object.entries(settings))
    expect(
      problems(home, `declared-${name.replace(/\W+/g, '-')}.${extension}`, declared, {
        lib: ['lib.es2022.d.ts'],
        module,
        moduleResolution,
        declaration: true,
      }),
    ).toEqual([])
})
