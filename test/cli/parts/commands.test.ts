import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Command, help, parseCommand } from '../../../src/cli/commands.js'

test.each<[string, Command]>([
  ['hello', { type: 'send', text: 'hello' }],
  [' /ping', { type: 'send', text: ' /ping' }],
  ['//ping', { type: 'send', text: '/ping' }],
  ['//', { type: 'send', text: '/' }],
  ['/ping', { type: 'ping' }],
  ['/connect', { type: 'connect' }],
  ['/status', { type: 'status' }],
  ['/help', { type: 'help' }],
  ['/quit', { type: 'quit' }],
  ['/close', { type: 'close' }],
  ['/close 4000', { type: 'close', code: 4000 }],
  ['/close 4000  see you', { type: 'close', code: 4000, reason: 'see you' }],
  ['/close see you', { type: 'close', reason: 'see you' }],
  ['/reconnect', { type: 'reconnect' }],
  ['/reconnect 3000 x', { type: 'reconnect', code: 3000, reason: 'x' }],
  ['/', { type: 'unknown', problem: '/ is unknown; /help lists the commands' }],
  ['/pong', { type: 'unknown', problem: '/pong is unknown; /help lists the commands' }],
])('%j', (line, command) => expect(parseCommand(line)).toEqual(command))

test('the help names every command that there is', () => {
  const named = [...help.matchAll(/^(\/[a-z]+)/gm)].map(([, name]) => name!)
  for (const name of named) expect(parseCommand(name).type).toBe(name.slice(1))
  for (const type of ['ping', 'close', 'connect', 'reconnect', 'status', 'help', 'quit'])
    expect(named).toContain(`/${type}`)
})

test('docs/command.md lists the commands as the help does', () => {
  const page = readFileSync(new URL('../../../docs/command.md', import.meta.url), 'utf8')
  const documented = [...page.matchAll(/^\| `(\/[^`]*)`/gm)].map(([, command]) => command)
  expect(help.split('\n').map((line) => line.split(/ {2,}/)[0])).toEqual(documented)
})
