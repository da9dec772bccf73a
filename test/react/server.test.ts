/** everopen/react where there is no document: rendered on a server. */
import { createElement as h, StrictMode } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, it, vi } from 'vitest'
import { useLastMessage, useReconnectingSocket } from '../../src/react/index.js'
import { settled, testServer } from '../../src/testing/index.js'

it('dials nothing, throws nothing, warns of nothing', async () => {
  const warned = vi.spyOn(console, 'error')
  const server = testServer()
  const Feed = () => {
    const { socket, snapshot } = useReconnectingSocket(server.url, { WebSocket: server.WebSocket })
    return h('p', null, `${snapshot.state} ${String(useLastMessage(socket))}`)
  }
  expect(renderToString(h(StrictMode, null, h(Feed)))).toBe('<p>idle undefined</p>')
  await settled()
  expect([server.dials, warned.mock.calls]).toEqual([0, []])
  warned.mockRestore()
})
