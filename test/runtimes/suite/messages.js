/** What goes to and fro while all is well. */
import { bytes, equal, messages, next, ok } from './assert.js'

export const cases = {
  async text({ open, url }) {
    const socket = open(url('echo'))
    await socket.opened
    const back = messages(socket, 3)
    for (const text of ['one', '', 'grüße, 世界 🌍']) equal(socket.send(text), 'sent', 'send()')
    equal(await back, ['one', '', 'grüße, 世界 🌍'], 'messages')
  },

  async binary({ open, url }) {
    const socket = open(url('echo'))
    await socket.opened
    const back = messages(socket, 3)
    socket.send(new Uint8Array([1, 2, 3]).buffer)
    socket.send(new Uint8Array([0, 7, 8, 9]).subarray(1, 3))
    socket.send(new ArrayBuffer(0))
    const all = await back
    for (const data of all) ok(data instanceof ArrayBuffer, `binary came as ${typeof data}`)
    equal(all.map(bytes), [[1, 2, 3], [7, 8], []], 'messages')
  },

  async 'order of Blobs'({ open, url }) {
    const socket = open(url('echo'), { binaryType: 'blob' })
    await socket.opened
    const back = messages(socket, 3)
    socket.send('before')
    socket.send(new Blob([new Uint8Array([4, 5, 6])]))
    socket.send('after')
    const [before, blob, after] = await back
    ok(blob instanceof Blob, `came as ${typeof blob} ${String(blob)}`)
    equal([before, bytes(await blob.arrayBuffer()), after], ['before', [4, 5, 6], 'after'], 'messages')
  },

  async 'queued messages'({ open, url }) {
    const socket = open(url('busy', '&first=2'), { retry: { backoff: () => 20 } })
    const back = messages(socket, 3)
    for (const text of ['a', 'b', 'c']) equal(socket.send(text), 'queued', 'send()')
    equal(await back, ['a', 'b', 'c'], 'messages')
    equal(socket.outbox.size, 0, 'outbox')
  },

  async 'for await'({ open, url }) {
    const socket = open(url('echo'))
    for (const text of ['1', '2', '3']) socket.send(text)
    const seen = []
    for await (const data of socket) {
      seen.push(data)
      if (data === '3') socket.close()
    }
    equal(seen, ['1', '2', '3'], 'messages')
    equal(socket.state, 'closed', 'state')
  },

  async 'close by the peer'({ open, url }) {
    for (const sent of [4321, 1001]) {
      const socket = open(url('bye', `&code=${sent}`), { retry: false })
      await socket.opened
      const closed = next(socket, 'close')
      socket.send('go')
      const { code, reason, wasClean, willRetry } = await closed
      equal([code, reason, wasClean, willRetry], [sent, 'bye', true, false], 'close')
    }
  },
}
