/** The build for the condition `production`: it does what the other does, in fewer words. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { internalNames } from '../../scripts/production.js'
import type * as Everopen from '../../src/index.js'
import { root } from './home.js'

type Everopen = typeof Everopen
const load = (dir: string): Promise<Everopen> => import(path.join(root, `dist/${dir}/index.js`)) as never
const [plain, production] = await Promise.all([load('browser'), load('production')])

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')
const under = (dir: string, pattern: RegExp): string[] =>
  readdirSync(path.join(root, dir), { recursive: true, encoding: 'utf8' })
    .filter((file) => pattern.test(file))
    .map((file) => path.join(dir, file))

/** Calls back for each node of a file. */
function walk(file: string, found: (node: ts.Node) => void): void {
  const visit = (node: ts.Node): void => {
    found(node)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, read(file), ts.ScriptTarget.ESNext, true))
}

/** The names of all properties that are declared in a file of types. */
function declared(file: string): string[] {
  const names: string[] = []
  walk(file, (node) => {
    const { name } = node as Partial<ts.NamedDeclaration>
    const isProperty = ts.isTypeElement(node) || ts.isClassElement(node) || ts.isVariableDeclaration(node)
    if (isProperty && name && ts.isIdentifier(name)) names.push(name.text)
  })
  return names
}

describe('a name that is shortened', () => {
  test('is nobody else’s', () => {
    const lib = 'node_modules/typescript/lib'
    const files = [
      ...under('dist', /\.d\.ts$/),
      ...under(lib, /^lib\.(dom|es|decorators|scripthost).*\.d\.ts$/),
    ]
    const others = new Set(files.flatMap(declared))
    for (const name of ['close', 'bufferedAmount', 'addEventListener', 'flatMap', 'nextDialAt'])
      expect(others).toContain(name)
    expect(internalNames.filter((name) => others.has(name))).toEqual([])
  })

  test('is never looked up by a string, and there is such a property', () => {
    const keys = new Set<string>()
    const used = new Set<string>()
    for (const file of under('src', /^(?!cli|proxy|platform.node).*\.ts$/))
      walk(file, (node) => {
        if (ts.isIdentifier(node)) used.add(node.text)
        if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InKeyword)
          keys.add((node.left as ts.StringLiteral).text)
        if (ts.isElementAccessExpression(node)) keys.add((node.argumentExpression as ts.StringLiteral).text)
      })
    expect(keys).toContain('id')
    expect(internalNames.filter((name) => keys.has(name))).toEqual([])
    expect(internalNames.filter((name) => !used.has(name))).toEqual([])
    expect(new Set(internalNames).size).toBe(internalNames.length)
  })

  /** What is said by a string, and is a property elsewhere, but never one that is looked up by that string. */
  const values =
    'dialing prepared taken dropped unsent probe prepare greet shut hurry leave transmit violation kept expire'

  test('is said by no other string', () => {
    const said = new Set<string>()
    for (const file of under('src', /^(?!cli|proxy|server|platform.node).*\.ts$/))
      walk(file, (node) => {
        if (ts.isStringLiteral(node) && !ts.isLiteralTypeNode(node.parent)) said.add(node.text)
      })
    expect(internalNames.filter((name) => said.has(name)).sort()).toEqual(values.split(' ').sort())
  })

  test('is gone', () => {
    const code = read('dist/production/index.js').replace(/\/\*[^]*?\*\/|\/\/.*$/gm, '')
    expect(internalNames.filter((name) => code.includes(`.${name}(`) || code.includes(`.${name}.`))).toEqual(
      [],
    )
  })
})

test('both builds export the same', () => {
  expect(Object.keys(production)).toEqual(Object.keys(plain))
})

/** What somebody may do wrong. */
const mistakes: Readonly<Record<string, (everopen: Everopen) => unknown>> = {
  'an option that there is not': ({ ReconnectingSocket }) =>
    new ReconnectingSocket('ws://a', { retries: 3 } as object),
  'an option out of range': ({ ReconnectingSocket }) =>
    new ReconnectingSocket('ws://a', { connectTimeout: -1 }),
  'an option within another': ({ ReconnectingSocket }) =>
    new ReconnectingSocket('ws://a', { retry: { limit: -1 } }),
  'one of several': ({ ReconnectingSocket }) =>
    new ReconnectingSocket('ws://a', { outbox: { overflow: 'wait' as 'throw' } }),
  'a URL': ({ ReconnectingSocket }) => new ReconnectingSocket('ftp://a'),
  'a subprotocol': ({ ReconnectingSocket }) => new ReconnectingSocket('ws://a', { protocols: 'a b' }),
  'a close code': ({ ReconnectingSocket }) =>
    new ReconnectingSocket('ws://a', { autoConnect: false }).close(1001),
  data: ({ ReconnectingSocket }) => new ReconnectingSocket('ws://a', { autoConnect: false }).send(7 as never),
  'a full outbox': ({ ReconnectingSocket }) =>
    new ReconnectingSocket('ws://a', { autoConnect: false, outbox: { maxMessages: 0 } }).send('a'),
  'no outbox': ({ ReconnectingSocket }) =>
    new ReconnectingSocket('ws://a', { autoConnect: false, outbox: false }).send('a'),
}

function caught(
  everopen: Everopen,
  mistake: (everopen: Everopen) => unknown,
): InstanceType<Everopen['EveropenError']> {
  try {
    mistake(everopen)
  } catch (error) {
    return error as never
  }
  throw new Error('nothing was thrown')
}

describe('an error', () => {
  test.each(Object.entries(mistakes))('of %s says its code and its argument, and no more', (_, mistake) => {
    const [long, short] = [caught(plain, mistake), caught(production, mistake)]
    expect(long.message).toMatch(/\w \w+ \w/)
    const { name, code, argument } = long as typeof long & { argument?: string }
    expect(short).toMatchObject({ name, code, ...(argument !== undefined && { argument }) })
    expect(short.message).toBe(argument ?? code)
  })
})

describe('over a real connection', () => {
  let server: WebSocketServer
  let url: string
  beforeAll(async () => {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await new Promise((resolve) => server.once('listening', resolve))
    url = `ws://127.0.0.1:${(server.address() as { port: number }).port}/path?token=secret`
    let count = 0
    server.on('connection', (socket) => {
      const number = ++count
      socket.on('message', (data, isBinary) => {
        if (String(data) === 'end') socket.close(4000, `end ${number}`)
        else socket.send(data, { binary: isBinary })
      })
    })
  })
  afterAll(() => new Promise((resolve) => server.close(resolve)))

  /** A life with most of what a socket can do; what it told. */
  async function live({ ReconnectingSocket, trace }: Everopen): Promise<unknown[]> {
    const told: unknown[] = []
    const lines: string[] = []
    const write = trace((line) => lines.push(line.replace(/^\S+|\d+(\.\d+)? ms/g, '')))
    const socket = new ReconnectingSocket((attempt) => (told.push(attempt.number), url), {
      WebSocket,
      retry: { backoff: () => 1 },
      heartbeat: { message: 'ping', isReply: (data) => data === 'ping', interval: 60_000 },
      log: write,
    })
    for (const type of ['open', 'close', 'error', 'state', 'drop'] as const)
      socket.on(type, (detail) => told.push([type, detail]))
    told.push(
      socket.send('first'),
      socket.send(new Uint8Array([1, 2])),
      socket.send('never', { volatile: true }),
    )
    told.push([socket.outbox.size, socket.outbox.bytes, socket.outbox.list(), socket.bufferedAmount])
    const received: unknown[] = []
    for await (const data of socket) {
      received.push(typeof data === 'string' ? data : [...new Uint8Array(data as ArrayBuffer)])
      if (received.length === 2) socket.send('end')
      if (received.length === 2) await new Promise<void>((resolve) => socket.on('open', () => resolve()))
      if (received.length === 2) socket.send('again')
      if (received.length === 3) socket.close(1000, 'done')
    }
    const end = await socket.closed
    told.push(received, end, socket.snapshot, socket.url === url, socket.protocol, socket.extensions)
    return [...told, lines]
  }

  test('the same is told by both, and the words of the trace are kept', async () => {
    const expected = await live(plain)
    expect(expected.flat(3)).toEqual(expect.arrayContaining(['open', 'close', 'drop', 'again', 'queued']))
    const normal = (told: unknown[]): unknown => JSON.parse(JSON.stringify(told).replaceAll(/end \d/g, 'end'))
    expect(normal(await live(production))).toEqual(normal(expected))
  })
})
