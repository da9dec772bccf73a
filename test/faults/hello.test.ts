/** `hello` over real connections, against servers that do not keep to it. */
import { beforeEach, describe, expect, test } from 'vitest'
import { DrainError, type Options, ReconnectingSocket, ReconnectingWebSocket } from '../../src/index.js'
import { CLOSE, encode, type RawConnection, serve, TEXT } from './raw-server.js'
import { eventually, nothingLeft, record, takeBaseline } from './record.js'

beforeEach(takeBaseline)

const text = (data: string): Buffer => encode(TEXT, Buffer.from(data))
const close = (code: number, reason: string): Buffer =>
  encode(CLOSE, Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]))
const soon: Options = { retry: { backoff: () => 1 } }

/** A server that wants a token first, and drops whoever says anything else. */
async function strict(connection: RawConnection): Promise<void> {
  await connection.accept()
  const { payload } = await connection.frame(TEXT)
  if (payload.toString() !== 'token') return connection.close(4_401, 'not a token')
  connection.send('welcome')
}

const login: Options['hello'] = async ({ send, receive }) => {
  send('token')
  if ((await receive()) !== 'welcome') throw new Error('not welcome')
}

test('goes ahead of what waits, on every connection, and its replies are nobody else’s', async () => {
  const server = await serve((connection, n) => {
    void strict(connection)
    if (n === 0) void connection.frame(TEXT, 2).then(() => connection.rst())
  })
  const socket = new ReconnectingSocket(server.url, { ...soon, hello: login })
  const recorder = record(socket)
  const words: string[] = []
  socket.on('message', (data) => words.push(String(data)))
  socket.send('before open')
  await recorder.until('close')
  socket.send('between')
  await recorder.until('open', 2)
  const second = await server.connection(1)
  await second.frame(TEXT, 2)
  expect(server.connections[0]!.texts).toEqual(['token', 'before open'])
  expect(second.texts).toEqual(['token', 'between'])
  expect(words).toEqual([])
  socket.close()
  await socket.closed
  await nothingLeft(socket, server)
})

test('a greeting in one packet with the 101 is there to receive, and the rest for the listeners', async () => {
  const server = await serve(
    (connection) => void connection.accept({ after: Buffer.concat([text('greeting'), text('news')]) }),
  )
  let greeting: unknown
  const socket = new ReconnectingSocket(server.url, {
    hello: async ({ receive }) => {
      greeting = await receive()
    },
  })
  const recorder = record(socket)
  expect(await recorder.until('message')).toBe('news')
  expect(greeting).toBe('greeting')
  expect(recorder.words).toEqual(['connecting → open', 'open 0', 'message news'])
  socket.close()
  await socket.closed
  await nothingLeft(socket, server)
})

test.each<[string, Options['hello']]>([
  ['a message', 'token'],
  ['a function that gives one', () => 'token'],
  ['a function that sends', ({ send }) => send('token')],
  ['a function that waits', ({ receive }) => receive().then(() => {})],
  [
    'a function with an error of its own for it',
    async ({ send }) => {
      await Promise.resolve()
      try {
        send('token')
      } catch (cause) {
        throw new Error('no login', { cause })
      }
    },
  ],
])('a Close in one packet with the 101 is the server’s word, with %s', async (_, hello) => {
  const server = await serve((connection) => void connection.accept({ after: close(1_008, 'not you') }))
  const socket = new ReconnectingSocket(server.url, { ...soon, hello })
  expect(await socket.closed).toMatchObject({ by: 'peer', code: 1_008, reason: 'not you' })
  await nothingLeft(socket, server)
})

describe('what it sent is never sent again', () => {
  test('though the connection ends before it left the process', async () => {
    // a server that reads nothing: what is sent stays in the process
    const server = await serve((connection, n) => {
      void connection.accept()
      if (n === 0) void connection.request.then(() => connection.tcp.pause())
    })
    let attempts = 0
    const socket = new ReconnectingSocket(server.url, {
      ...soon,
      heartbeat: false,
      hello: ({ send }) => {
        if (attempts++ > 0) return
        for (let i = 0; i < 200; i++) send('x'.repeat(100_000))
      },
    })
    await socket.opened
    // bufferedAmount counts messages alone, and these are none
    await expect(socket.drain({ timeout: 0 })).rejects.toBeInstanceOf(DrainError)
    const recorder = record(socket)
    server.connections[0]!.rst()
    await recorder.until('open')
    expect(socket.outbox.size).toBe(0)
    socket.send('after')
    const second = await server.connection(1)
    await second.frame(TEXT)
    expect(second.texts).toEqual(['after'])
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })
})

describe('it fails', () => {
  test('by connectTimeout where the server says nothing; the next attempt is whole', async () => {
    const server = await serve((connection, n) => {
      if (n === 0) void connection.accept()
      else void strict(connection)
    })
    const socket = new ReconnectingSocket(server.url, { ...soon, connectTimeout: 150, hello: login })
    const recorder = record(socket)
    expect((await recorder.until('error')).code).toBe('ERR_CONNECT_TIMEOUT')
    // the server has time enough for the second
    await recorder.until('open')
    await server.connections[0]!.ended
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })

  test('by what it throws: decide sees it, and may end it', async () => {
    const server = await serve(async (connection) => {
      await connection.accept()
      connection.send('go away')
    })
    const socket = new ReconnectingSocket(server.url, {
      hello: login,
      retry: { decide: ({ cause }) => (cause?.code === 'ERR_HELLO' ? 'stop' : 'retry') },
    })
    const recorder = record(socket)
    const error = await recorder.until('error')
    expect(error.cause).toMatchObject({ message: 'not welcome' })
    expect(await socket.closed).toMatchObject({ cause: { code: 'ERR_HELLO' } })
    await nothingLeft(socket, server)
  })

  test('by the server’s own close, which is told as the server said it', async () => {
    const server = await serve((connection) => void strict(connection))
    const seen: unknown[] = []
    const socket = new ReconnectingSocket(server.url, {
      hello: async ({ send, receive }) => {
        send('wrong')
        await receive()
      },
      retry: { decide: ({ code, reason }) => (seen.push([code, reason]), 'stop') },
    })
    expect(await socket.closed).toMatchObject({ by: 'peer', code: 4_401, reason: 'not a token' })
    expect(seen).toEqual([[4_401, 'not a token']])
    await nothingLeft(socket, server)
  })

  test('close() in the middle of it ends the connection at once', async () => {
    const server = await serve((connection) => void connection.accept())
    const socket = new ReconnectingSocket(server.url, { hello: ({ receive }) => receive().then(() => {}) })
    await eventually(
      () => socket.snapshot.phase ?? socket.state,
      () => socket.snapshot.phase === 'greeting',
    )
    socket.close()
    expect(socket.state).toBe('closed')
    await server.connections[0]!.ended
    await nothingLeft(socket, server)
  })
})

test('a peer that floods it is not read further than readAhead', async () => {
  const MESSAGES = 3_000
  const server = await serve(async (connection) => {
    await connection.accept()
    for (let i = 0; i < MESSAGES; i++) connection.send(`${i}`.padEnd(1_000))
  })
  let taken = 0
  const socket = new ReconnectingSocket(server.url, {
    readAhead: 10,
    hello: async ({ receive }) => {
      for (; taken < 1_000; taken++) expect(Number(await receive())).toBe(taken)
    },
  })
  const heard: number[] = []
  socket.on('message', (data) => heard.push(Number(data)))
  await socket.opened
  await eventually(
    () => `${heard.length} heard`,
    () => heard.length === MESSAGES - 1_000,
  )
  expect(heard).toEqual(Array.from({ length: MESSAGES - 1_000 }, (_, i) => 1_000 + i))
  socket.close()
  await socket.closed
  await nothingLeft(socket, server)
})

describe('in the WHATWG face', () => {
  test.each([[false], [soon.retry]])('with retry: %o', async (retry) => {
    const server = await serve((connection) => {
      void strict(connection)
      void connection.frame(TEXT, 2).then(() => connection.send('news'))
    })
    const socket = new ReconnectingWebSocket(server.url, [], { retry, hello: login })
    const words: string[] = []
    const closed = new Promise((resolve) => socket.addEventListener('close', resolve))
    socket.onopen = () => {
      words.push(`open ${socket.readyState}`)
      socket.send('subscribe')
    }
    socket.onmessage = ({ data }) => {
      words.push(String(data))
      socket.close()
    }
    await closed
    expect(words).toEqual(['open 1', 'news'])
    expect(server.connections[0]!.texts).toEqual(['token', 'subscribe'])
    await server.stop()
  })

  test('a hello that fails is error, then close', async () => {
    const server = await serve((connection) => void connection.accept())
    const socket = new ReconnectingWebSocket(server.url, [], {
      retry: false,
      hello: () => Promise.reject(new Error('no')),
    })
    const words: string[] = []
    for (const type of ['open', 'error', 'close'] as const)
      socket.addEventListener(type, () => words.push(`${type} ${socket.readyState}`))
    await new Promise((resolve) => socket.addEventListener('close', resolve))
    expect(words).toEqual(['error 3', 'close 3'])
    await server.stop()
  })
})
