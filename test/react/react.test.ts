/** @vitest-environment jsdom */
/** everopen/react, over the test kit's server. */
import { act, Activity, createElement as h, StrictMode, Suspense, use, useState } from 'react'
import { createRoot, hydrateRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { json, ReconnectingSocket } from '../../src/index.js'
import {
  SocketProvider,
  useLastMessage,
  useMessages,
  useReconnectingSocket,
  useSnapshot,
  useSocket,
} from '../../src/react/index.js'
import type { UseSocketOptions } from '../../src/react/index.js'
import { settled, type TestServer, testServer } from '../../src/testing/index.js'

let server: TestServer
let root: Root
let place: HTMLElement

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  server = testServer()
  place = document.createElement('div')
  root = createRoot(place)
})

afterEach(async () => {
  await act(async () => root.unmount())
  await settled()
  expect(server.connections).toEqual([])
})

const show = (element: React.ReactNode, to = root): Promise<void> =>
  act(async () => {
    to.render(element)
    await settled()
  })
const happen = (what: () => unknown): Promise<void> =>
  act(async () => {
    what()
    await settled()
  })

function Feed({ url = server.url, ...options }: { url?: string | (() => string) } & UseSocketOptions) {
  const { socket, snapshot } = useReconnectingSocket(url, { WebSocket: server.WebSocket, ...options })
  const last = useLastMessage(socket)
  const all = useMessages(socket, { limit: 2 })
  return h('p', null, `${snapshot.state} ${String(last)} [${all.join()}]`)
}

describe('useMessages', () => {
  function List({ limit, socket }: { limit: number; socket: ReconnectingSocket }) {
    return h('p', null, useMessages(socket, { limit }).join())
  }

  it('keeps the messages when the limit changes, and begins anew with another socket', async () => {
    const make = () => new ReconnectingSocket(server.url, { WebSocket: server.WebSocket })
    const [socket, other] = [make(), make()]
    await show(h(List, { socket, limit: 2 }))
    await happen(() => ['a', 'b', 'c'].forEach((text) => server.connections[0]!.send(text)))
    await show(h(List, { socket, limit: 3 }))
    expect(place.textContent).toBe('b,c')
    await happen(() => ['d', 'e'].forEach((text) => server.connections[0]!.send(text)))
    expect(place.textContent).toBe('c,d,e')
    await show(h(List, { socket, limit: 2 }))
    expect(place.textContent).toBe('d,e')
    await show(h(List, { socket, limit: 3 }))
    await show(h(StrictMode, null, h(List, { socket, limit: 3 })))
    await show(h(StrictMode, null, h(List, { socket, limit: 1 })))
    expect(place.textContent).toBe('')
    await happen(() => server.connections[0]!.send('f'))
    await show(h(StrictMode, null, h(List, { socket, limit: Infinity })))
    expect(place.textContent).toBe('f')
    await show(h(StrictMode, null, h(List, { socket: other, limit: 1 })))
    expect(place.textContent).toBe('')
    for (const each of [socket, other]) each.close()
  })
})

describe('useReconnectingSocket', () => {
  it('gives messages as the codec has them', async () => {
    function Coded() {
      const { socket } = useReconnectingSocket(server.url, {
        WebSocket: server.WebSocket,
        codec: json<{ buy: string }, { price: number }>(),
      })
      const last = useLastMessage(socket)
      return h('button', { onClick: () => socket.send({ buy: 'ACME' }) }, `${last?.price}`)
    }
    await show(h(Coded))
    const connection = server.connections[0]!
    await happen(() => connection.send('{"price":42}'))
    expect(place.textContent).toBe('42')
    await happen(() => {
      place.querySelector('button')!.dispatchEvent(new MouseEvent('click', { bubbles: true }))
    })
    expect(connection.sent).toEqual(['{"buy":"ACME"}'])
  })

  it('gives the state and the messages; closes when unmounted', async () => {
    await show(h(Feed))
    expect(place.textContent).toBe('open undefined []')
    const connection = server.connections[0]!
    await happen(() => ['a', 'b', 'c'].forEach((text) => connection.send(text)))
    expect(place.textContent).toBe('open c [b,c]')
    await happen(() => connection.close(4000))
    expect(place.textContent).toBe('connecting c [b,c]')
    await show(null)
    expect(server.connections).toEqual([])
  })

  it('makes one connection in StrictMode, and leaves none', async () => {
    await show(h(StrictMode, null, h(Feed)))
    expect([server.dials, server.connections.length]).toEqual([1, 1])
    await show(null)
    expect([server.dials, server.connections.length]).toEqual([1, 0])
  })

  it('another URL is another socket', async () => {
    await show(h(Feed, { url: 'ws://one.test/' }))
    await show(h(Feed, { url: 'ws://two.test/' }))
    expect(server.connections.map(({ url }) => url)).toEqual(['ws://two.test/'])
    expect(place.textContent).toContain('open')
  })

  it('a function that is new on each render is the same socket, and the latest is asked', async () => {
    const retry = { backoff: () => 0 }
    await show(h(Feed, { url: () => 'ws://a.test/?1', retry }))
    await show(h(Feed, { url: () => 'ws://a.test/?2', retry }))
    expect(server.dials).toBe(1)
    await happen(() => server.drop())
    await expect.poll(() => server.connections.map(({ url }) => url)).toEqual(['ws://a.test/?2'])
    // from a function to a text is another socket
    await show(h(Feed, { url: 'ws://b.test/', retry }))
    expect(server.connections.map(({ url }) => url)).toEqual(['ws://b.test/'])
  })

  it('asks the latest function where there is no document, as in React Native', async () => {
    vi.resetModules()
    vi.stubGlobal('document', undefined)
    const there = await import('../../src/react/index.js').finally(() => vi.unstubAllGlobals())
    const Native = ({ url }: { url: string | (() => string) }) => {
      there.useReconnectingSocket(url, { WebSocket: server.WebSocket, retry: { backoff: () => 0 } })
      return null
    }
    await show(h(Native, { url: 'ws://a.test/' }))
    await show(h(Native, { url: () => 'ws://a.test/?1' }))
    await show(h(Native, { url: () => 'ws://a.test/?2' }))
    await happen(() => server.drop())
    await expect.poll(() => server.connections.map(({ url }) => url)).toEqual(['ws://a.test/?2'])
  })

  it('is closed in an Activity while that is hidden', async () => {
    const within = (mode: 'hidden' | 'visible', share: boolean) =>
      h(Activity, { mode, children: h(Feed, { share }) })
    for (const share of [false, true]) {
      for (const mode of ['hidden', 'visible', 'hidden', 'visible'] as const) {
        await show(within(mode, share))
        expect(server.connections).toHaveLength(mode === 'visible' ? 1 : 0)
      }
      expect(place.textContent).toContain('open')
      await show(null)
    }
  })

  it('enabled says whether to be connected', async () => {
    await show(h(Feed, { enabled: false }))
    expect([place.textContent, server.dials]).toEqual(['idle undefined []', 0])
    await show(h(Feed, { enabled: true }))
    expect(place.textContent).toContain('open')
    await show(h(Feed, { enabled: false }))
    expect([place.textContent, server.connections]).toEqual(['closed undefined []', []])
    await show(h(Feed))
    expect(server.connections).toHaveLength(1)
  })

  it('components that share have one connection, until the last leaves', async () => {
    const both = (first: boolean, second: boolean) =>
      h('div', null, first && h(Feed, { key: 1, share: true }), second && h(Feed, { key: 2, share: true }))
    await show(both(true, true))
    expect([server.dials, server.connections.length]).toEqual([1, 1])
    await happen(() => server.connections[0]!.send('x'))
    expect(place.textContent).toBe('open x [x]open x [x]')
    await show(both(false, true))
    expect(server.connections).toHaveLength(1)
    await show(both(true, true))
    await show(both(false, false))
    expect([server.dials, server.connections.length]).toEqual([1, 0])
  })

  it('components that do not share have a connection each, and so has each URL of those that do', async () => {
    await show(h('div', null, h(Feed), h(Feed), h(Feed, { share: false }), h(Feed, { share: false })))
    expect(server.connections).toHaveLength(4)
    const shared = ['ws://a.test/', 'ws://b.test/', 'ws://a.test/']
    await show(shared.map((url, key) => h(Feed, { key, share: true, url })))
    expect(server.connections.map(({ url }) => url)).toEqual(['ws://a.test/', 'ws://b.test/'])
  })

  it('a shared socket that was closed stays closed for who comes later', async () => {
    let close!: () => void
    const First = () => {
      const { socket } = useReconnectingSocket(server.url, { WebSocket: server.WebSocket, share: true })
      close = () => socket.close()
      return null
    }
    await show(h('div', null, h(First)))
    await happen(() => close())
    await show(h('div', null, h(First), h(Feed, { share: true })))
    expect([place.textContent, server.dials]).toEqual(['closed undefined []', 1])
  })

  it('a component that is not enabled changes its URL although nobody has the shared socket', async () => {
    const feed = (url: string) => h(Feed, { share: 'room', enabled: false, url })
    await show(feed('ws://a.test/'))
    await show(feed('ws://b.test/'))
    expect([place.textContent, server.dials]).toEqual(['idle undefined []', 0])
  })

  it('share by a name, whatever the URL; by a function there must be one', async () => {
    const url = (): string => server.url
    await show(h('div', null, h(Feed, { share: 'feed', url }), h(Feed, { share: 'feed' })))
    expect(server.dials).toBe(1)
    expect(() => renderToString(h(Feed, { share: true, url }))).toThrow(
      expect.objectContaining({ argument: 'share' }),
    )
  })

  it('what is shared by a name follows the URL of its components', async () => {
    const feeds = (...rooms: string[]) =>
      h(
        StrictMode,
        null,
        rooms.map((room, key) => h(Feed, { key, share: 'room', url: `ws://a.test/${room}` })),
      )
    const rooms = () => server.connections.map(({ url }) => url.slice('ws://a.test/'.length))
    await show(feeds('one'))
    await show(feeds('two'))
    expect(rooms()).toEqual(['two'])
    await show(feeds('two', 'two'))
    await show(feeds('three', 'three'))
    expect([rooms(), server.dials]).toEqual([['three'], 3])
    expect(place.textContent).toBe('open undefined []open undefined []')
    // one goes, and takes the others with it, those included that mount at that moment
    await show(feeds('three', 'four', 'three'))
    expect([rooms(), server.dials]).toEqual([['four'], 4])
    await happen(() => server.connections[0]!.send('x'))
    expect(place.textContent).toBe('open x [x]'.repeat(3))
    await show(feeds('three', 'five'))
    expect([rooms(), server.dials]).toEqual([['five'], 5])
    // and where only others are left, as on another page, it is theirs
    await show(h(StrictMode, null, h(Feed, { key: 'page', share: 'room', url: 'ws://a.test/six' })))
    expect([rooms(), place.textContent]).toEqual([['six'], 'open undefined []'])
    await show(null)
    expect(rooms()).toEqual([])
  })

  it('a shared socket asks the latest function of the components that are there', async () => {
    const retry = { backoff: () => 0 }
    const feed = (key: string, token: number) =>
      h(Feed, { key, share: 'feed', retry, url: () => `ws://a.test/?${key}${token}` })
    const redialed = async (): Promise<string> => {
      const before = server.dials
      await happen(() => server.drop())
      await expect.poll(() => [server.dials, server.connections.length]).toEqual([before + 1, 1])
      return server.connections[0]!.url
    }
    await show(h('div', null, feed('a', 1), feed('b', 1)))
    await show(h('div', null, null, feed('b', 2)))
    expect(await redialed()).toBe('ws://a.test/?b2')
    await show(h('div', null, feed('a', 3), feed('b', 2)))
    expect(await redialed()).toBe('ws://a.test/?b2')
    // without another render of b
    function Some() {
      const [both, set] = useState(true)
      some = () => set(false)
      return both ? feed('c', 4) : null
    }
    let some!: () => void
    await show(h('div', null, null, feed('b', 5), h(Some)))
    expect(await redialed()).toBe('ws://a.test/?c4')
    await happen(() => some())
    expect(await redialed()).toBe('ws://a.test/?b5')
  })

  it('makes no connection for a tree that is suspended before it is there', async () => {
    let resolve!: (value: string) => void
    const promise = new Promise<string>((done) => (resolve = done))
    const Slow = () => h('i', null, use(promise))
    await show(h(Suspense, { fallback: 'wait' }, h(Feed), h(Slow)))
    expect([place.textContent, server.dials]).toEqual(['wait', 0])
    await happen(() => resolve('!'))
    expect([server.dials, server.connections.length]).toEqual([1, 1])
  })

  it('rendered on a server dials nothing and throws nothing; hydrated it connects', async () => {
    const errors = vi.spyOn(console, 'error')
    const element = h(StrictMode, null, h(Feed))
    const place = document.createElement('div')
    place.innerHTML = renderToString(element)
    expect([place.textContent, server.dials]).toEqual(['idle undefined []', 0])
    let hydrated!: Root
    await act(async () => {
      hydrated = hydrateRoot(place, element)
      await settled()
    })
    expect(place.textContent).toBe('open undefined []')
    expect(errors).not.toHaveBeenCalled()
    await act(async () => hydrated.unmount())
    errors.mockRestore()
  })

  it('hydrates what a server has rendered, also where the connection is shared and open already', async () => {
    const held: { loading?: Promise<void> } = {}
    let load!: () => void
    const Late = () => {
      if (held.loading) use(held.loading)
      return h(Feed, { share: true })
    }
    const element = h('div', null, h(Feed, { share: true }), h(Suspense, null, h(Late)))
    const place = document.createElement('div')
    place.innerHTML = renderToString(element)
    held.loading = new Promise((resolve) => (load = resolve))
    const onRecoverableError = vi.fn()
    let hydrated!: Root
    await happen(() => (hydrated = hydrateRoot(place, element, { onRecoverableError })))
    expect(place.textContent).toBe('open undefined []idle undefined []')
    await happen(load)
    expect(place.textContent).toBe('open undefined []open undefined []')
    expect([server.dials, onRecoverableError.mock.calls]).toEqual([1, []])
    await act(async () => hydrated.unmount())
  })

  it('takes a socket of another class', async () => {
    class Mine extends ReconnectingSocket {}
    const create = vi.fn((url, options) => new Mine(url, options))
    await show(h(Feed, { create }))
    expect(create).toHaveBeenCalledOnce()
    expect(create.mock.calls[0]![1]).toEqual({ WebSocket: server.WebSocket, autoConnect: false })
    expect(place.textContent).toContain('open')
  })
})

describe('a provider', () => {
  it('gives one socket to all below', async () => {
    const Below = () => h('b', null, useSocket().snapshot.state)
    const options = { WebSocket: server.WebSocket }
    await show(h(SocketProvider, { url: server.url, options }, h(Below), h(Below)))
    expect([place.textContent, server.dials]).toEqual(['openopen', 1])
    expect(() => renderToString(h(Below))).toThrow(
      expect.objectContaining({
        argument: 'useSocket()',
        message: expect.stringContaining('SocketProvider') as string,
      }),
    )
  })
})

describe('useSnapshot', () => {
  it('watches a socket whose life is another’s', async () => {
    const socket = new ReconnectingSocket(server.url, { WebSocket: server.WebSocket, autoConnect: false })
    const Status = ({ of }: { of: ReconnectingSocket }) => h('b', null, useSnapshot(of).state)
    await show(h(Status, { of: socket }))
    expect(place.textContent).toBe('idle')
    await happen(() => socket.connect())
    expect(place.textContent).toBe('open')
    const other = new ReconnectingSocket(server.url, { WebSocket: server.WebSocket, autoConnect: false })
    await show(h(Status, { of: other }))
    expect(place.textContent).toBe('idle')
    await show(null)
    expect(socket.state).toBe('open')
    socket.close()
    await socket.closed
  })
})

it('a component that sends before it is connected', async () => {
  const Early = () => {
    const { socket } = useReconnectingSocket(server.url, { WebSocket: server.WebSocket })
    useState(() => socket.send('early'))
    return null
  }
  await show(h(Early))
  expect(server.connections[0]!.sent).toEqual(['early'])
})
