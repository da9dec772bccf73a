/** ReconnectingWebSocket: bufferedAmount, and a platform that dawdles. */
import { describe, expect, it } from 'vitest'
import { dial, next } from './harness.js'
import { Platform } from './platform.js'

describe('over a platform that dawdles', () => {
  it('what is sent when it is closing, and has not said so, is counted and not thrown at', async () => {
    const socket = dial({ retry: false, WebSocket: Platform })
    const { last } = await Platform.open(socket)
    last.readyState = 2
    socket.send('abc')
    expect([socket.readyState, socket.bufferedAmount, last.sent]).toEqual([1, 3, []])
    const closed = next(socket, 'close')
    last.onclose({ code: 1000, reason: '', wasClean: true })
    await closed
    socket.send('de')
    expect(socket.bufferedAmount).toBe(5)
  })

  it('bufferedAmount is what the class says', async () => {
    const socket = dial({ retry: false, WebSocket: Platform })
    const { last } = await Platform.open(socket)
    last.bufferedAmount = 7
    socket.send('ab')
    expect(socket.bufferedAmount).toBe(7)
    last.bufferedAmount = 1
    expect(socket.bufferedAmount).toBe(1)
  })

  it('bufferedAmount counts what had to wait after all', async () => {
    const socket = dial({ WebSocket: Platform })
    const { last } = await Platform.open(socket)
    socket.send('ab')
    last.readyState = 2
    socket.send('cde')
    expect(socket.bufferedAmount).toBe(3)
  })

  it('a message that waits its turn while close() is called is not delivered', async () => {
    const socket = dial({ retry: false, WebSocket: Platform })
    const seen: unknown[] = []
    socket.onmessage = ({ data }) => seen.push(data)
    socket.onopen = () => {
      Platform.last.onmessage({ data: 'late' })
      socket.close()
    }
    const { last } = await Platform.open(socket)
    const closed = next(socket, 'close')
    last.onmessage({ data: 'later' })
    last.onclose({ code: 1005, reason: '', wasClean: true })
    await closed
    expect([socket.readyState, seen]).toEqual([3, []])
  })
})
