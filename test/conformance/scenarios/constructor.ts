/** `new WebSocket(url, protocols)`: what it takes, what it throws, what it gives. */
import { next, outcome, type Scenario, type Setup, task, transcript } from '../scenario.js'

/** Constructs, closes what was made, and says how it went: the URL and the protocols are accepted, or thrown at. */
function attempt({ create }: Setup, ...args: unknown[]): unknown {
  return outcome(() => {
    const socket = create(...args)
    socket.close()
    return socket.url
  })
}

const syntaxError = 'DOMException SyntaxError'

export const construction: readonly Scenario[] = [
  {
    name: 'the constructor needs new and an argument',
    run: ({ WebSocket, create }) => [
      outcome(() => (WebSocket as unknown as (url: string) => unknown)('ws://localhost/')),
      outcome(() => create()),
    ],
    expected: ['TypeError', 'TypeError'],
  },
  {
    name: 'URLs that are refused',
    run: (setup) =>
      [
        'ftp://localhost/',
        'mailto:someone@example.com',
        'about:blank',
        'javascript:0',
        'ws://',
        'ws://localhost:70000/',
        'ws://localhost/#',
        'ws://localhost/#part',
        'http://localhost/?query#part',
      ].map((url) => attempt(setup, url)),
    expected: Array(9).fill(syntaxError),
  },
  {
    name: 'URLs are converted, resolved and mapped to ws: and wss:',
    run: (setup) => {
      const { server } = setup
      const path = (url: unknown): unknown => {
        const given = attempt(setup, url)
        return JSON.parse(JSON.stringify(given).replaceAll(server, 'SERVER'))
      }
      return [
        path(server),
        path(`${server}/a/../b?c=d e`),
        path(server.replace('ws:', 'http:')),
        path(server.replace('ws:', 'WS:')),
        path(` ${server}/\u{1f600} \n`),
        path(`${server}/\ud800`),
        path(new URL(`${server}/url`)),
        path({ toString: () => `${server}/object` }),
        path('ws://localhost:80/'),
        path('wss://localhost:443/'),
        path('https://localhost:443/'),
        path('http://localhost:443/'),
        path('ws:localhost'),
        path('ws:\\localhost\\a'),
        path('ws://user:pass@localhost/'),
        path(Symbol()),
      ]
    },
    expected: [
      ...['/', '/b?c=d%20e', '/', '/', '/%F0%9F%98%80', '/%EF%BF%BD', '/url', '/object'].map((path) => ({
        returns: `SERVER${path}`,
      })),
      { returns: 'ws://localhost/' },
      { returns: 'wss://localhost/' },
      { returns: 'wss://localhost/' },
      { returns: 'ws://localhost:443/' },
      { returns: 'ws://localhost/' },
      { returns: 'ws://localhost/a' },
      { returns: 'ws://user:pass@localhost/' },
      'TypeError',
    ],
  },
  {
    name: 'URLs are resolved against the document',
    where: 'page',
    run: (setup) => {
      const base = document.createElement('base')
      base.href = `${setup.server.replace('ws:', 'http:')}/folder/page`
      document.head.append(base)
      const given = ['/absolute', 'relative', '?query', '', '//localhost/x', '#part', undefined].map((url) =>
        attempt(setup, url),
      )
      base.remove()
      return JSON.parse(JSON.stringify(given).replaceAll(setup.server, 'SERVER'))
    },
    expected: [
      ...['SERVER/absolute', 'SERVER/folder/relative', 'SERVER/folder/page?query', 'SERVER/folder/page'],
      'ws://localhost/x',
      syntaxError,
      'SERVER/folder/undefined',
    ].map((url) => (url === syntaxError ? url : { returns: url })),
  },
  {
    name: 'protocols that are refused',
    run: (setup) =>
      [
        '',
        'a b',
        'a,b',
        'a\u0000',
        '\u007f',
        'ä',
        '(a)',
        ['a', 'a'],
        ['a', ''],
        ['a', 'b', 'c/d'],
        [['a', 'b']],
        new Set(['"']),
      ].map((protocols) => attempt(setup, `${setup.server}/slow`, protocols)),
    expected: Array(12).fill(syntaxError),
  },
  {
    // web-platform-tests wants it accepted as options, and Node's own class does
    name: 'an object that is no list of protocols',
    run: (setup) => (attempt(setup, `${setup.server}/slow`, {}) === syntaxError ? 'refused' : 'accepted'),
    expected: 'refused',
    also: 'accepted',
  },
  {
    name: 'protocols that are accepted',
    run: (setup) =>
      [
        undefined,
        [],
        'a',
        "!#$%&'*+-.^_`|~09azAZ",
        new Set(['a', 'b']),
        new String('ab'),
        (function* () {
          yield 'a'
          yield 5
        })(),
        [null, undefined, 1.5, true],
        null,
        5,
        { toString: () => 'object' },
        { [Symbol.iterator]: null, toString: () => 'object' },
      ].map((protocols) =>
        JSON.stringify(attempt(setup, `${setup.server}/slow`, protocols)).endsWith('/slow"}'),
      ),
    expected: Array(12).fill(true),
  },
  {
    // web-platform-tests wants it refused, and no engine does
    name: 'protocols that differ in case alone',
    run: (setup) =>
      attempt(setup, `${setup.server}/slow`, ['a', 'A']) === syntaxError ? 'refused' : 'accepted',
    expected: 'refused',
    also: 'accepted',
  },
  {
    name: 'protocols that cannot be converted',
    run: (setup) =>
      [
        Symbol(),
        [Symbol()],
        { [Symbol.iterator]: 5 },
        { [Symbol.iterator]: () => 5 },
        Object.create(null) as object,
      ].map((protocols) => attempt(setup, `${setup.server}/slow`, protocols)),
    expected: Array(5).fill('TypeError'),
  },
  {
    name: 'arguments are converted in order, before any of them is checked',
    run: (setup) => {
      const order: string[] = []
      const said = (what: string, value: string): object => ({ toString: () => (order.push(what), value) })
      const outcomes = [
        attempt(setup, said('url', 'not a url'), said('protocols', 'not a token')),
        attempt(setup, 'not a url:', Symbol()),
        attempt(setup, Symbol(), said('never', 'x')),
      ]
      return { order, outcomes }
    },
    expected: { order: ['url', 'protocols'], outcomes: [syntaxError, 'TypeError', 'TypeError'] },
  },
  {
    name: 'a new socket',
    run: ({ WebSocket, create, server }) => {
      const socket = create(`${server}/slow`, 'a')
      const { readyState, bufferedAmount, protocol, extensions, binaryType } = socket
      const { onopen, onmessage, onerror, onclose } = socket
      const isInstance = socket instanceof WebSocket && socket instanceof EventTarget
      socket.close()
      return {
        readyState,
        bufferedAmount,
        protocol,
        extensions,
        binaryType,
        onopen,
        onmessage,
        onerror,
        onclose,
        isInstance,
      }
    },
    expected: {
      readyState: 0,
      bufferedAmount: 0,
      protocol: '',
      extensions: '',
      binaryType: 'blob',
      onopen: null,
      onmessage: null,
      onerror: null,
      onclose: null,
      isInstance: true,
    },
  },
  {
    name: 'the protocol is there once the socket is open, and stays',
    run: async ({ create, server }) => {
      const socket = create(`${server}/protocol?select=b`, new Set(['a', 'b']))
      const seen = [socket.protocol]
      await next(socket, 'open')
      seen.push(socket.protocol)
      socket.close()
      await next(socket, 'close')
      return [...seen, socket.protocol]
    },
    expected: ['', 'b', 'b'],
  },
  {
    name: 'without protocols there is none',
    run: async ({ create, server }) => {
      const socket = create(`${server}/echo`)
      await next(socket, 'open')
      const seen = [socket.protocol, typeof socket.extensions, socket.url === `${server}/echo`]
      socket.close()
      return seen
    },
    expected: ['', 'string', true],
  },
  {
    name: 'a server that answers with another protocol, or an unasked one, or none, is refused',
    run: ({ create, server }) =>
      Promise.all([
        transcript(create(`${server}/protocol?select=c`, ['a', 'b'])).end,
        transcript(create(`${server}/protocol?select=a`)).end,
        transcript(create(`${server}/protocol`, 'a')).end,
        transcript(create(`${server}/protocol?select=A`, 'a')).end,
      ]),
    expected: Array(4).fill(['error [3]', 'close 1006 "" unclean [3]']),
  },
  {
    name: 'nothing happens before the constructor has returned',
    run: async ({ create, server }) => {
      const socket = create(`${server}/refuse`)
      const { lines, end } = transcript(socket)
      const soon = [...lines]
      await Promise.resolve()
      soon.push(...lines)
      await task()
      return { soon, all: await end }
    },
    expected: { soon: [], all: ['error [3]', 'close 1006 "" unclean [3]'] },
  },
]
