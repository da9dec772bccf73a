/** @vitest-environment jsdom */
/** everopen/react while the files of its components change. */
import { refresh, version } from './refresh.js'
import { act, createElement as h, StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, it, onTestFinished } from 'vitest'
import { useLastMessage, useReconnectingSocket } from '../../src/react/index.js'
import { settled, testServer } from '../../src/testing/index.js'

const HOOKS = 'useReconnectingSocket useLastMessage useState'

it.each([
  ['as it is', 'div'],
  ['in StrictMode', StrictMode],
])('hot reload keeps the connection, the messages and the state: %s', async (how, wrapper) => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  const server = testServer()
  const place = document.createElement('div')
  const root = createRoot(place)
  onTestFinished(() => act(async () => root.unmount()))
  const happen = (what: () => unknown): Promise<void> =>
    act(async () => {
      what()
      await settled()
    })

  let count!: (to: number) => void
  const edited = (text: string, url = server.url, hooks = HOOKS) =>
    version(`Feed ${how}`, hooks, () => {
      const { socket, snapshot } = useReconnectingSocket(url, { WebSocket: server.WebSocket })
      const last = useLastMessage(socket)
      const [counted, set] = useState(0)
      count = set
      return h('p', null, `${text} ${counted} ${snapshot.state} ${String(last)}`)
    })

  await happen(() => root.render(h(wrapper, null, h(edited('one')))))
  await happen(() => count(5))
  await happen(() => server.connections[0]!.send('a'))
  expect(place.textContent).toBe('one 5 open a')

  edited('two')
  await happen(refresh)
  expect(place.textContent).toBe('two 5 open a')
  expect([server.dials, server.connections.length]).toEqual([1, 1])

  edited('three', 'ws://other.test/')
  await happen(refresh)
  expect(place.textContent).toBe('three 5 open undefined')
  expect(server.connections.map(({ url }) => url)).toEqual(['ws://other.test/'])

  // another order of hooks: the component begins anew
  edited('four', 'ws://other.test/', 'others')
  await happen(refresh)
  expect(place.textContent).toBe('four 0 open undefined')
  expect(server.connections).toHaveLength(1)
  await happen(() => root.render(null))
  expect(server.connections).toEqual([])
})
