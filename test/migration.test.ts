/** The page for those who come from other libraries names each option that they have, as they declare it. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const read = (...file: string[]): string =>
  readFileSync(path.join(import.meta.dirname, '..', ...file), 'utf8')
const page = read('docs', 'migration.md')

function section(title: string): string {
  const found = page.split(/^### /m).find((part) => part.startsWith(`${title}\n`))
  return found ?? ''
}

/** The names in the body of a declaration: its fields at the outermost level. */
function fields(text: string, declaration: string): string[] {
  const start = text.indexOf(declaration)
  const body = text.slice(text.indexOf('{', start) + 1)
  const names: string[] = []
  let depth = 0
  for (const line of body.replaceAll(/\/\*[^]*?\*\//g, '').split('\n')) {
    const name = /^\s*(\w+)\??:/.exec(line)?.[1]
    if (name && depth === 0) names.push(name)
    depth += (line.match(/\{/g)?.length ?? 0) - (line.match(/\}/g)?.length ?? 0)
    if (depth < 0) break
  }
  return names
}

const party = 'node_modules/partysocket'
const ws = readdirSync(path.join(import.meta.dirname, '..', party)).find((name) =>
  /^ws-.*\.d\.ts$/.test(name),
)!

test.each([
  [
    'reconnecting-websocket and partysocket',
    fields(
      read('node_modules/reconnecting-websocket/dist/reconnecting-websocket.d.ts'),
      'declare type Options =',
    ),
    10,
  ],
  ['reconnecting-websocket and partysocket', fields(read(party, ws), 'type Options ='), 12],
  [
    'reconnecting-websocket and partysocket',
    fields(read(party, 'index.d.ts'), 'type PartySocketOptions ='),
    11,
  ],
  [
    '@nktkas/rews',
    fields(read('node_modules/@nktkas/rews/esm/mod.d.ts'), 'interface ReconnectingWebSocketOptions'),
    4,
  ],
  [
    'websocket-ts',
    [
      ...read('node_modules/websocket-ts/dist/esm/src/websocket_builder.d.ts').matchAll(
        /^ {4}((?:with|on)\w+)\(/gm,
      ),
    ].map(([, name]) => name!),
    11,
  ],
  [
    'robust-websocket',
    fields(read('node_modules/robust-websocket/robust-websocket.js'), 'RobustWebSocket.defaultOptions ='),
    4,
  ],
  [
    'VueUse useWebSocket',
    fields(read('node_modules/@vueuse/core/index.d.ts'), 'interface UseWebSocketOptions'),
    10,
  ],
])('%s', (title, names, count) => {
  expect(names.length).toBe(count)
  const text = section(title)
  expect(names.filter((name) => !text.includes(`\`${name}`) && !text.includes(` ${name}`))).toEqual([])
})
