/** @vitest-environment jsdom */
/** everopen/vue, over the test kit's server. */
import {
  createApp,
  createSSRApp,
  defineAsyncComponent,
  defineComponent,
  type EffectScope,
  effectScope,
  h,
  nextTick,
  onMounted,
  ref,
  type Ref,
  watchEffect,
} from 'vue'
import { renderToString } from '@vue/server-renderer'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { json, ReconnectingSocket } from '../../src/index.js'
import {
  useLastMessage,
  useMessages,
  useReconnectingSocket,
  type UseSocketOptions,
} from '../../src/vue/index.js'
import type { MessageSource } from '../../src/bindings/messages.js'
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

const component = (options: UseSocketOptions = {}) =>
  defineComponent(() => {
    const { snapshot } = useReconnectingSocket(server.url, { WebSocket: server.WebSocket, ...options })
    return () => h('p', snapshot.value.state)
  })

/** A component that uses the composable in `scope`, which need not be its own. */
const within = (scope: EffectScope, url: Ref<string>) =>
  createApp(
    defineComponent(() => {
      scope.run(() => useReconnectingSocket(url, { WebSocket: server.WebSocket }))
      return () => h('p')
    }),
  )

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

it('in a hook of a component that is mounted dials, and is gone with it', async () => {
  let states = ''
  const app = createApp(
    defineComponent(() => {
      onMounted(() => {
        const { snapshot } = useReconnectingSocket(server.url, { WebSocket: server.WebSocket })
        watchEffect(() => (states += ` ${snapshot.value.state}`), { flush: 'sync' })
      })
      return () => h('p')
    }),
  )
  app.mount(document.createElement('div'))
  await settled()
  expect([states, server.connections.length]).toEqual([' connecting open', 1])
  app.unmount()
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

it('listens to nothing once it is rendered on a server', async () => {
  const listeners = new Set<unknown>()
  const lasting: MessageSource<string> = {
    on(_type, listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const page = defineComponent(() => {
    const all = useMessages(lasting)
    return () => h('p', all.value.length)
  })
  expect(await renderToString(createSSRApp(page))).toBe('<p>0</p>')
  expect(listeners.size).toBe(0)
})

it('hydrates what a server has rendered, also where the connection is shared and open already', async () => {
  const warned = vi.spyOn(console, 'warn').mockReturnValue()
  undo.push(() => warned.mockRestore())
  const shared = component({ share: true })
  let load!: (loaded: typeof shared) => void
  const late = defineAsyncComponent(() => new Promise<typeof shared>((resolve) => (load = resolve)))
  const page = (second: typeof shared) => createSSRApp(() => h('div', [h(shared), h(second)]))
  const place = document.createElement('div')
  place.innerHTML = await renderToString(page(shared))
  const app = page(late as typeof shared)
  undo.push(() => app.unmount())
  app.mount(place)
  await settled()
  expect(place.textContent).toBe('openidle')
  load(shared)
  await settled()
  expect([place.textContent, server.dials, warned.mock.calls]).toEqual(['openopen', 1, []])
})

it('connects to the URL that a ref has when the component mounts', async () => {
  const [scope, url] = [effectScope(), ref('ws://one.test/')]
  undo.push(() => scope.stop())
  const app = within(scope, url)
  app.mixin({ beforeMount: () => (url.value = 'ws://two.test/') })
  app.mount(document.createElement('div'))
  await settled()
  expect([server.connections.map((connection) => connection.url), server.dials]).toEqual([
    ['ws://two.test/'],
    1,
  ])
})

it('a scope within a component that is stopped before or after it is mounted connects no more', async () => {
  for (const stop of ['beforeMount', 'mounted']) {
    const [scope, url] = [effectScope(), ref('ws://one.test/')]
    const app = within(scope, url)
    app.mixin({ [stop]: () => scope.stop() })
    app.mount(document.createElement('div'))
    await settled()
    expect(server.connections, stop).toEqual([])
    url.value = 'ws://two.test/'
    await settled()
    expect(server.connections, stop).toEqual([])
    app.unmount()
  }
})

it('a scope that outlives its component, like that of a store, follows its URL', async () => {
  const [scope, url] = [effectScope(true), ref('ws://one.test/')]
  undo.push(() => scope.stop())
  const app = within(scope, url)
  app.mount(document.createElement('div'))
  app.unmount()
  url.value = 'ws://two.test/'
  await settled()
  expect(server.connections.map((connection) => connection.url)).toEqual(['ws://two.test/'])
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
  await expect.poll(() => server.connections.map(({ url }) => url)).toEqual(['ws://a.test/?2'])
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
  expect([snapshot.value.state, server.connections]).toEqual(['closed', []])
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

it('what is shared by a name follows the URL of its scopes', async () => {
  const url = ref('ws://one.test/')
  scoped(url, { share: 'room' })
  const { snapshot } = scoped(url, { share: 'room' })
  await settled()
  url.value = 'ws://two.test/'
  await settled()
  expect([server.connections.map((connection) => connection.url), server.dials]).toEqual([
    ['ws://two.test/'],
    2,
  ])
  expect(snapshot.value.state).toBe('open')
})

it('takes a socket of another class', async () => {
  class Mine extends ReconnectingSocket {}
  const { socket } = scoped(server.url, { create: (url, options) => new Mine(url, options) })
  await settled()
  expect([socket.value instanceof Mine, socket.value.state]).toEqual([true, 'open'])
})

it('a shared socket asks no function of a scope that is gone', async () => {
  const options = { share: 'feed', retry: { backoff: () => 0 } }
  const first = scoped(() => 'ws://a.test/?1', options)
  scoped(() => 'ws://a.test/?2', options)
  await settled()
  expect(server.connections.map(({ url }) => url)).toEqual(['ws://a.test/?1'])
  first.scope.stop()
  server.drop()
  await expect.poll(() => server.connections.map(({ url }) => url)).toEqual(['ws://a.test/?2'])
})

it('stays subscribed, and is not the latest, when what it depends on changes but says the same', async () => {
  const options = { share: 'feed', retry: { backoff: () => 0 } }
  const unread = ref(1)
  const [first] = [
    scoped(() => 'ws://a.test/?1', { ...options, enabled: () => unread.value > 0 }),
    scoped(() => 'ws://a.test/?2', options),
  ]
  await settled()
  const subscribe = vi.spyOn(first.socket.value, 'subscribe')
  unread.value = 2
  expect(subscribe).not.toHaveBeenCalled()
  server.drop()
  await expect.poll(() => server.connections.map(({ url }) => url)).toEqual(['ws://a.test/?2'])
})

it('one that could not connect is not taken for connected by who shares it later', async () => {
  const options = { share: 'shared', WebSocket: server.WebSocket }
  const aborted = effectScope()
  expect(() =>
    aborted.run(() => useReconnectingSocket(server.url, { ...options, signal: AbortSignal.abort() })),
  ).toThrow(/signal/)
  aborted.stop()
  const { snapshot } = scoped(server.url, options)
  await settled()
  expect(snapshot.value.state).toBe('open')
})

it('follows another address and another socket at once, not only before the next rendering', async () => {
  const url = ref('ws://a.test/')
  const { socket, all } = scoped(url)
  await settled()
  server.connections[0]!.send('of a')
  await settled()
  expect(all.value).toEqual(['of a'])
  const before = socket.value
  url.value = 'ws://b.test/'
  expect(socket.value).not.toBe(before)
  expect(all.value).toEqual([])
  await settled()
})
