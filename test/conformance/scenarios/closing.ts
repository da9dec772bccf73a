/** `close()` and everything else that ends a connection. */
import { next, outcome, type Scenario, type Setup, type Socket, task, transcript } from '../scenario.js'

const invalidAccess = 'DOMException InvalidAccessError'
const returns = { returns: 'undefined' }

/** Arguments that are refused, and as what. */
const refused: readonly (readonly [readonly unknown[], string])[] = [
  [[0], invalidAccess],
  [[500], invalidAccess],
  [[999], invalidAccess],
  [[1001], invalidAccess],
  [[1005], invalidAccess],
  [[2999], invalidAccess],
  [[5000], invalidAccess],
  [[-1], invalidAccess],
  [[NaN], invalidAccess],
  [[null], invalidAccess],
  [['text'], invalidAccess],
  [['text', 'reason'], invalidAccess],
  [[{}], invalidAccess],
  // clamped, not wrapped
  [[65536 + 1000], invalidAccess],
  [[2 ** 32 + 1000], invalidAccess],
  [[2999.4], invalidAccess],
  // the code is judged first
  [[1, 'x'.repeat(124)], invalidAccess],
  [[1000, 'x'.repeat(124)], 'DOMException SyntaxError'],
  [[1000, 'é'.repeat(62)], 'DOMException SyntaxError'],
  [[1000, '\u{1f600}'.repeat(31)], 'DOMException SyntaxError'],
  [[1000, '\ud800'.repeat(42)], 'DOMException SyntaxError'],
  [[Symbol()], 'TypeError'],
  [[1000n], 'TypeError'],
  [[1, Symbol()], 'TypeError'],
]

/** What the server is told: the arguments of close(), and the code and reason that arrive there. */
const told: readonly (readonly [readonly unknown[], readonly [number, string]])[] = [
  [[], [1005, '']],
  [[undefined], [1005, '']],
  [
    [undefined, undefined],
    [1005, ''],
  ],
  [[1000], [1000, '']],
  [
    [1000, 'done'],
    [1000, 'done'],
  ],
  [
    [1000, undefined],
    [1000, ''],
  ],
  [
    [1000, null],
    [1000, 'null'],
  ],
  [
    [1000, 5],
    [1000, '5'],
  ],
  [
    [1000, { toString: () => 'object' }],
    [1000, 'object'],
  ],
  [['1000'], [1000, '']],
  [[{ valueOf: () => 3000 }], [3000, '']],
  [[1000.5], [1000, '']],
  [[3000], [3000, '']],
  [[4999.4], [4999, '']],
  [
    [4999, 'é'.repeat(61)],
    [4999, 'é'.repeat(61)],
  ],
  [
    [1000, '\ud800x'],
    [1000, '\ufffdx'],
  ],
  [
    [1000, '\u{1f600}'.repeat(30)],
    [1000, '\u{1f600}'.repeat(30)],
  ],
]

let witnesses = 0

/** Opens a connection, closes it with these arguments, and asks the server what it saw. */
async function testify({ create, server }: Setup, args: readonly unknown[]): Promise<unknown> {
  const id = `${Date.now()}-${witnesses++}-${Math.random()}`
  const socket = create(`${server}/witness?id=${id}`)
  await next(socket, 'open')
  socket.close(...(args as [unknown, unknown]))
  await next(socket, 'close')
  const other = create(`${server}/testimony?id=${id}`)
  const { data } = await next<MessageEvent<string>>(other, 'message')
  other.close()
  return JSON.parse(data)
}

const fates = (socket: Socket): unknown[] =>
  refused.map(([args]) => outcome(() => socket.close(...(args as [unknown]))))

export const closing: readonly Scenario[] = [
  {
    name: 'arguments that close() refuses, in every state',
    run: async ({ create, server }) => {
      const socket = create(`${server}/echo`)
      const connecting = fates(socket)
      await next(socket, 'open')
      const open = fates(socket)
      const { readyState } = socket
      socket.close()
      const closing = fates(socket)
      await next(socket, 'close')
      return { connecting, open, readyState, closing, closed: fates(socket) }
    },
    expected: {
      connecting: refused.map(([, error]) => error),
      open: refused.map(([, error]) => error),
      readyState: 1,
      closing: refused.map(([, error]) => error),
      closed: refused.map(([, error]) => error),
    },
  },
  {
    name: 'what the server is told by close()',
    run: (setup) => Promise.all(told.map(([args]) => testify(setup, args))),
    expected: told.map(([, seen]) => seen),
  },
  {
    name: 'close() while connecting',
    run: async ({ create, server }) => {
      const socket = create(`${server}/slow`)
      const { lines, end } = transcript(socket)
      await task()
      const given = outcome(() => socket.close())
      const state = socket.readyState
      const soon = [...lines]
      await Promise.resolve()
      soon.push(...lines)
      return { given, state, soon, all: await end, closed: socket.readyState }
    },
    expected: {
      given: returns,
      state: 2,
      soon: [],
      all: ['error [3]', 'close 1006 "" unclean [3]'],
      closed: 3,
    },
  },
  {
    name: 'close() right after the constructor, several times, with a code and a reason',
    run: async ({ create, server }) => {
      const socket = create(`${server}/echo`)
      const { end } = transcript(socket)
      socket.close()
      socket.close(1000)
      socket.close(3000, 'again')
      const state = socket.readyState
      return { state, all: await end }
    },
    expected: { state: 2, all: ['error [3]', 'close 1006 "" unclean [3]'] },
  },
  {
    name: 'close() while open: clean, with what the server echoes',
    run: async ({ create, server }) => {
      const socket = create(`${server}/echo`)
      const { end } = transcript(socket)
      await next(socket, 'open')
      const given = outcome(() => socket.close(3000, 'enough'))
      const state = socket.readyState
      socket.close(1000, 'ignored')
      return { given, state, all: await end }
    },
    expected: { given: returns, state: 2, all: ['open [1]', 'close 3000 "enough" clean [3]'] },
  },
  {
    name: 'close() in the open, message, error and close listeners',
    run: async ({ create, server }) => {
      const states: string[] = []
      const closeIn = (type: string, path: string): Promise<string[]> => {
        const socket = create(`${server}${path}`)
        const { end } = transcript(socket)
        socket.addEventListener('open', () => path === '/echo' && socket.send('hello'))
        socket.addEventListener(type, () => {
          const before = socket.readyState
          socket.close()
          states.push(`${type} ${before} ${socket.readyState}`)
        })
        return end
      }
      const lines = []
      for (const [type, path] of [
        ['open', '/burst?count=3'],
        ['message', '/burst?count=3'],
        ['error', '/refuse'],
        ['close', '/refuse'],
        ['message', '/echo'],
      ] as const)
        lines.push(await closeIn(type, path))
      return { states, lines }
    },
    expected: {
      states: ['open 1 2', 'message 1 2', 'error 3 3', 'close 3 3', 'message 1 2'],
      lines: [
        ['open [1]', 'close 1005 "" clean [3]'],
        ['open [1]', 'message 0 [1]', 'close 1005 "" clean [3]'],
        ['error [3]', 'close 1006 "" unclean [3]'],
        ['error [3]', 'close 1006 "" unclean [3]'],
        ['open [1]', 'message hello [1]', 'close 1005 "" clean [3]'],
      ],
    },
  },
  {
    name: 'a message that arrives after close() is not delivered',
    run: async ({ create, server }) => {
      const socket = create(`${server}/late`)
      const { end } = transcript(socket)
      await next(socket, 'open')
      socket.close()
      return end
    },
    expected: ['open [1]', 'close 1005 "" clean [3]'],
  },
  {
    name: 'the server closes',
    run: ({ create, server }) =>
      Promise.all(
        [
          '',
          '?code=1000',
          '?code=1001&reason=away',
          '?code=1011',
          '?code=3000&reason=%C3%A9',
          '?code=4999',
        ].map(async (query) => {
          const socket = create(`${server}/close${query}`)
          const { end } = transcript(socket)
          await next(socket, 'open')
          socket.send('close')
          return (await end).at(-1)
        }),
      ),
    expected: [
      'close 1005 "" clean [3]',
      'close 1000 "" clean [3]',
      'close 1001 "away" clean [3]',
      'close 1011 "" clean [3]',
      'close 3000 "é" clean [3]',
      'close 4999 "" clean [3]',
    ],
  },
  {
    name: 'the server refuses, or cannot be reached',
    run: ({ create, server }) =>
      Promise.all([transcript(create(`${server}/refuse`)).end, transcript(create('ws://127.0.0.1:1/')).end]),
    expected: Array(2).fill(['error [3]', 'close 1006 "" unclean [3]']),
  },
  {
    name: 'the server sends a frame that must not be',
    run: ({ create, server }) => transcript(create(`${server}/broken`)).end,
    expected: ['open [1]', 'message good [1]', 'error [3]', 'close 1006 "" unclean [3]'],
  },
  {
    name: 'the connection is cut',
    run: async ({ create, server }) => {
      const socket = create(`${server}/drop`)
      const { end } = transcript(socket)
      await next(socket, 'open')
      socket.send('now')
      return end
    },
    expected: ['open [1]', 'error [3]', 'close 1006 "" unclean [3]'],
    // Chromium and ws, against RFC 6455 section 7.2.1, which makes this a failed connection
    also: ['open [1]', 'close 1006 "" unclean [3]'],
  },
]
