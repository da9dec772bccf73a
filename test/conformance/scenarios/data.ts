/** `send()`, `bufferedAmount`, `binaryType` and what arrives. */
import { next, outcome, type Scenario, type Setup, type Socket, transcript } from '../scenario.js'

type Message = MessageEvent<string | ArrayBuffer | Blob>

async function open({ create, server }: Setup): Promise<Socket> {
  const socket = create(`${server}/echo`)
  await next(socket, 'open')
  return socket
}

/** Collects `count` messages, in words. */
function collect(socket: Socket, count: number): Promise<string[]> {
  const messages: Promise<string>[] = []
  return new Promise((resolve) => {
    socket.addEventListener('message', (event) => {
      messages.push(describe((event as Message).data))
      if (messages.length === count) resolve(Promise.all(messages))
    })
  })
}

async function describe(data: string | ArrayBuffer | Blob): Promise<string> {
  if (typeof data === 'string') return `text ${data}`
  const bytes = new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : data)
  const size = bytes.length > 9 ? `${bytes.length} bytes, the last ${bytes.at(-1)}` : [...bytes].join(' ')
  return data instanceof Blob ? `blob ${size} type=${data.type}` : `buffer ${size}`
}

const bytes = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8])

export const data: readonly Scenario[] = [
  {
    name: 'send() while connecting, and without an argument',
    run: async (setup) => {
      const socket = setup.create(`${setup.server}/echo`)
      const send = socket.send.bind(socket) as (...args: unknown[]) => unknown
      const tries = (): unknown[] => [
        outcome(() => send()),
        outcome(() => send(Symbol())),
        outcome(() => send('x')),
        outcome(() => send(bytes)),
      ]
      const connecting = tries()
      await next(socket, 'open')
      const opened = [
        outcome(() => send()),
        outcome(() => send(Symbol())),
        outcome(() => send('x', 'ignored')),
      ]
      socket.close()
      return { connecting, opened, closing: tries() }
    },
    expected: {
      connecting: [
        'TypeError',
        'TypeError',
        'DOMException InvalidStateError',
        'DOMException InvalidStateError',
      ],
      opened: ['TypeError', 'TypeError', { returns: 'undefined' }],
      closing: ['TypeError', 'TypeError', { returns: 'undefined' }, { returns: 'undefined' }],
    },
  },
  {
    name: 'what is neither Blob nor buffer is sent as text',
    run: async (setup) => {
      const socket = await open(setup)
      const things = [
        'hello',
        '',
        null,
        undefined,
        1.5,
        -0,
        true,
        10n,
        {},
        [],
        [1, [2]],
        new String('object'),
        { toString: () => 'converted' },
        new Error('message'),
        socket,
        'lone \udc00 \ud800 surrogates \ud83d\ude00',
        'nul \u0000 end',
      ]
      const messages = collect(socket, things.length)
      for (const thing of things) socket.send(thing)
      const seen = await messages
      socket.close()
      return seen
    },
    expected: [
      ...['hello', '', 'null', 'undefined', '1.5', '0', 'true', '10', '[object Object]', '', '1,2', 'object'],
      ...['converted', 'Error: message', '[object WebSocket]'],
      ...['lone \ufffd \ufffd surrogates \ud83d\ude00', 'nul \u0000 end'],
    ].map((line) => `text ${line}`),
  },
  {
    name: 'buffers, views and Blobs are sent as binary, in order',
    run: async (setup) => {
      const socket = await open(setup)
      socket.binaryType = 'arraybuffer'
      const things = [
        bytes.buffer,
        bytes,
        bytes.subarray(2, 5),
        new Blob(['blob ', bytes.subarray(0, 1)]),
        'text after a blob',
        new DataView(bytes.buffer, 6),
        new Uint16Array(bytes.buffer, 2, 1),
        new Float64Array([0]),
        new Blob([]),
        new ArrayBuffer(0),
        new Uint8Array(70_000).fill(9),
      ]
      const messages = collect(socket, things.length)
      for (const thing of things) socket.send(thing)
      const seen = await messages
      socket.close()
      return seen
    },
    expected: [
      'buffer 1 2 3 4 5 6 7 8',
      'buffer 1 2 3 4 5 6 7 8',
      'buffer 3 4 5',
      'buffer 98 108 111 98 32 1',
      'text text after a blob',
      'buffer 7 8',
      'buffer 3 4',
      'buffer 0 0 0 0 0 0 0 0',
      'buffer ',
      'buffer ',
      'buffer 70000 bytes, the last 9',
    ],
  },
  {
    name: 'what is sent is the buffer as it was when send() was called',
    run: async (setup) => {
      const socket = await open(setup)
      socket.binaryType = 'arraybuffer'
      const messages = collect(socket, 2)
      const changing = Uint8Array.from([1])
      socket.send(changing)
      changing[0] = 2
      socket.send(changing.buffer)
      changing[0] = 3
      const seen = await messages
      socket.close()
      return seen
    },
    expected: ['buffer 1', 'buffer 2'],
  },
  {
    name: 'long texts and buffers come back whole',
    run: async (setup) => {
      const socket = await open(setup)
      const sizes = [125, 126, 127, 65_535, 65_536, 300_000]
      const messages = new Promise<boolean[]>((resolve) => {
        const same: boolean[] = []
        socket.addEventListener('message', (event) => {
          same.push((event as Message).data === 'é'.repeat(sizes[same.length]!))
          if (same.length === sizes.length) resolve(same)
        })
      })
      for (const size of sizes) socket.send('é'.repeat(size))
      const seen = await messages
      socket.close()
      return seen
    },
    expected: Array(6).fill(true),
  },
  {
    name: 'bufferedAmount grows with send(), in bytes, and shrinks between tasks',
    run: async (setup) => {
      const socket = await open(setup)
      const amounts: number[] = []
      for (const thing of [
        'x',
        'å',
        '\u5336',
        '\u{1f600}',
        '\ud800',
        '',
        bytes,
        bytes.buffer,
        new Blob(['four']),
      ]) {
        socket.send(thing)
        amounts.push(socket.bufferedAmount)
      }
      socket.send('y'.repeat(65_000))
      amounts.push(socket.bufferedAmount)
      await Promise.resolve()
      amounts.push(socket.bufferedAmount)
      await collect(socket, 10)
      amounts.push(socket.bufferedAmount)
      socket.close()
      return amounts
    },
    expected: [1, 3, 6, 10, 13, 13, 21, 29, 33, 65_033, 65_033, 0],
  },
  {
    name: 'send() after close() only adds to bufferedAmount, for ever',
    run: async (setup) => {
      const socket = await open(setup)
      const { end } = transcript(socket)
      const amounts: number[] = []
      socket.close()
      for (const thing of ['å', bytes, new Blob(['four']), 5]) {
        socket.send(thing)
        amounts.push(socket.bufferedAmount)
      }
      const lines = await end
      amounts.push(socket.bufferedAmount)
      socket.send('xx')
      amounts.push(socket.bufferedAmount)
      return { amounts, lines }
    },
    expected: { amounts: [2, 10, 14, 15, 15, 17], lines: ['close 1005 "" clean [3]'] },
  },
  {
    name: 'send() after close() while connecting',
    run: async ({ create, server }) => {
      const socket = create(`${server}/slow`)
      const { end } = transcript(socket)
      socket.close()
      const given = outcome(() => socket.send('abc'))
      const before = socket.bufferedAmount
      const lines = await end
      return { given, before, after: socket.bufferedAmount, lines }
    },
    expected: {
      given: { returns: 'undefined' },
      before: 3,
      after: 3,
      lines: ['error [3]', 'close 1006 "" unclean [3]'],
    },
  },
  {
    name: 'messages sent right before close() arrive',
    run: async ({ create, server }) => {
      const socket = create(`${server}/echo`)
      const { end } = transcript(socket)
      await next(socket, 'open')
      socket.send('a')
      socket.send('b'.repeat(100_000))
      socket.send(new Blob(['c']))
      const amount = socket.bufferedAmount
      socket.close(1000)
      return { amount, lines: await end, after: socket.bufferedAmount }
    },
    expected: { amount: 100_002, lines: ['open [1]', 'close 1000 "" clean [3]'], after: 0 },
  },
  {
    name: 'binaryType takes its two values and ignores others',
    run: ({ create, server }) => {
      const socket = create(`${server}/slow`)
      const set = (type: unknown): unknown =>
        outcome(() => {
          socket.binaryType = type as string
          return socket.binaryType
        })
      const seen = [
        ...['arraybuffer', 'blob', 'arraybuffer', 'Blob', '', 'text', null, undefined, 5, {}, Symbol()].map(
          set,
        ),
        set({ toString: () => 'blob' }),
        set(new String('arraybuffer')),
      ]
      socket.close()
      return seen
    },
    expected: [
      ...['arraybuffer', 'blob', ...Array<string>(8).fill('arraybuffer')].map((type) => ({ returns: type })),
      'TypeError',
      { returns: 'blob' },
      { returns: 'arraybuffer' },
    ],
  },
  {
    name: 'binaryType says how binary messages arrive, from the next one on',
    run: async (setup) => {
      const socket = await open(setup)
      const seen: string[] = []
      for (const type of ['blob', 'arraybuffer', 'blob']) {
        socket.binaryType = type
        const message = next<Message>(socket, 'message')
        socket.send(bytes)
        seen.push(await describe((await message).data))
      }
      socket.close()
      await next(socket, 'close')
      return [...seen, socket.binaryType]
    },
    expected: ['blob 1 2 3 4 5 6 7 8 type=', 'buffer 1 2 3 4 5 6 7 8', 'blob 1 2 3 4 5 6 7 8 type=', 'blob'],
  },
]
