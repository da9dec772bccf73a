/** @vitest-environment jsdom */
/** everopen/vue, over the test kit's server. */
import { createApp, createSSRApp, defineComponent, effectScope, h, nextTick, ref } from 'vue'
import { renderToString } from '@vue/server-renderer'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { json, ReconnectingSocket } from '../../src/index.js'
import {
  useLastMessage,
  useMessages,
  useReconnectingSocket,
  type UseSocketOptions,
} from '../../src/vue/index.js'
import { settled, type TestServer, testServer } from '../../src/testing/index.js'

let server: TestServer
const undo: (() => void)[] = []

beforeEach(() => {
  server = testServer()
})
afterEach(async () => {
  for (const each of undo.splice(0)) each()
  await settled()
  expect(server.connections).toEqual([])
})

function scoped(
  url: Parameters<typeof useReconnectingSocket>[0] = server.url,
  options: UseSocketOptions = {},
) {
  const scope = effectScope()
  undo.push(() => scope.stop())
  return scope.run(() => {
    const { socket, snapshot } = useReconnectingSocket(url, { WebSocket: server.WebSocket, ...options })
    return { scope, socket, snapshot, last: useLastMessage(socket), all: useMessages(socket) }
  })!
}

const component = () =>
  defineComponent(() => {
    const { snapshot } = useReconnectingSocket(server.url, { WebSocket: server.WebSocket })
    return () => h('p', snapshot.value.state)
  })

it('follows the socket for as long as the scope is there', async () => {
  const { snapshot, last, all, scope } = scoped()
  await settled()
  expect(snapshot.value.state).toBe('open')
  server.connections[0]!.send('a')
  server.connections[0]!.send('b')
  await settled()
  expect([last.value, all.value]).toEqual(['b', ['a', 'b']])
  scope.stop()
  await settled()
  expect(server.connections).toEqual([])
})

it('gives messages as the codec has them', async () => {
  const scope = effectScope()
  undo.push(() => scope.stop())
  const [socket, last] = scope.run(() => {
    const { socket } = useReconnectingSocket(server.url, {
      WebSocket: server.WebSocket,
      codec: json<{ buy: string }, { price: number }>(),
    })
    return [socket, useLastMessage(socket)] as const
  })!
  await settled()
  server.connections[0]!.send('{"price":42}')
  socket.value.send({ buy: 'ACME' })
  await settled()
  expect([last.value?.price, server.connections[0]!.sent]).toEqual([42, ['{"buy":"ACME"}']])
})

it('in a component dials when it is mounted, and is gone with it', async () => {
  const place = document.createElement('div')
  const app = createApp(component())
  app.mount(place)
  await settled()
  await nextTick()
  expect(place.textContent).toBe('open')
  app.unmount()
  await settled()
  expect([server.connections, server.dials]).toEqual([[], 1])
})

it('rendered on a server dials nothing', async () => {
  expect(await renderToString(createSSRApp(component()))).toBe('<p>idle</p>')
  await settled()
  expect(server.dials).toBe(0)
})

it('another URL in a ref is another socket', async () => {
  const url = ref('ws://one.test/')
  const { socket, last, snapshot } = scoped(url)
  const first = socket.value
  await settled()
  server.connections[0]!.send('old')
  await settled()
  url.value = 'ws://two.test/'
  await settled()
  expect(socket.value).not.toBe(first)
  expect(server.connections.map((connection) => connection.url)).toEqual(['ws://two.test/'])
  expect([last.value, snapshot.value.state]).toEqual([undefined, 'open'])
})

it('a function gives the URL of each attempt', async () => {
  let count = 0
  scoped(() => `ws://a.test/?${++count}`, { retry: { backoff: () => 0 } })
  await settled()
  server.drop()
  await vi.waitFor(() => expect(server.connections.map(({ url }) => url)).toEqual(['ws://a.test/?2']), 15_000)
})

it('enabled says whether to be connected', async () => {
  const enabled = ref(false)
  const { snapshot } = scoped(server.url, { enabled })
  await settled()
  expect([snapshot.value.state, server.dials]).toEqual(['idle', 0])
  enabled.value = true
  await settled()
  expect(snapshot.value.state).toBe('open')
  enabled.value = false
  await settled()
  expect(server.connections).toEqual([])
})

it('scopes that share have one connection, until the last leaves', async () => {
  const first = scoped(server.url, { share: true })
  const second = scoped(server.url, { share: true })
  await settled()
  expect([server.dials, first.socket.value === second.socket.value]).toEqual([1, true])
  first.scope.stop()
  await settled()
  expect(server.connections).toHaveLength(1)
  second.scope.stop()
  await settled()
  expect(server.connections).toHaveLength(0)
})

it('takes a socket of another class', async () => {
  class Mine extends ReconnectingSocket {}
  const { socket } = scoped(server.url, { create: (url, options) => new Mine(url, options) })
  await settled()
  expect([socket.value instanceof Mine, socket.value.state]).toEqual([true, 'open'])
})
