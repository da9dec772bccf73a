/** What fails, and comes back. */
import { equal, messages, next, ok } from './assert.js'

const soon = { backoff: () => 20 }

export const cases = {
  async 'five closes, five reconnects'({ open, url }) {
    const socket = open(url('closes', '&first=5'), { retry: soon })
    const told = []
    socket.on('close', ({ code, reason, willRetry }) => told.push([code, reason, willRetry]))
    await new Promise((resolve) => {
      socket.on('open', () => socket.send('there'))
      socket.on('message', resolve)
    })
    equal(told, Array(5).fill([4001, 'away', true]), 'closes')
    socket.close(1000)
    const { code, by } = await socket.closed
    equal([code, by], [1000, 'user'], 'end')
  },

  async 'half-open peer'({ open, url, env }) {
    const heartbeat = { interval: 500, timeout: 1000, ...(!env.pings && { message: 'beat' }) }
    const socket = open(url('half'), { retry: soon, heartbeat })
    await socket.opened
    const { code, cause, willRetry } = await next(socket, 'close')
    equal([code, cause && cause.code, willRetry], [1006, 'ERR_HEARTBEAT', true], 'close')
    await next(socket, 'open')
    const back = messages(socket, 1)
    socket.send('again')
    equal(await back, ['again'], 'messages')
  },

  async 'close in each phase'({ open, url }) {
    const phases = {
      'at once': () => {},
      'asking for the URL': (socket, asked) => asked,
      dialing: () => new Promise((resolve) => setTimeout(resolve, 30)),
      open: (socket) => socket.opened,
      waiting: (socket) => next(socket, 'close'),
    }
    for (const name of Object.keys(phases)) {
      let tell
      const asked = new Promise((resolve) => (tell = resolve))
      const never = () => (tell(), new Promise(() => {}))
      const target = {
        'asking for the URL': never,
        open: url('echo'),
        waiting: url('closes', '&first=1'),
      }
      const socket = open(target[name] || url('mute'), { retry: { backoff: () => 60000 } })
      await phases[name](socket, asked)
      socket.close(1000, 'enough')
      const { by } = await socket.closed
      equal([by, socket.state], ['user', 'closed'], name)
    }
  },

  async abort({ open, url }) {
    for (const path of ['mute', 'echo']) {
      const controller = new AbortController()
      const socket = open(url(path), { signal: controller.signal })
      if (path === 'echo') await socket.opened
      controller.abort()
      await socket.closed
      equal(socket.state, 'closed', `state, aborted at ${path}`)
    }
  },

  async '401 and 404 end'({ open, url }) {
    for (const code of [401, 404]) {
      const socket = open(url('status', `&code=${code}`), { retry: { ...soon, limit: 2 } })
      const end = await socket.closed
      equal([end.code, end.wasClean, socket.state], [1006, false, 'closed'], String(code))
      ok(end.cause, `${code} ends without a cause`)
    }
  },

  async '401 and 404 are reported'({ lib, open, url }) {
    for (const code of [401, 404]) {
      const socket = open(url('status', `&code=${code}`), { retry: false })
      const { cause } = await socket.closed
      ok(cause instanceof lib.HandshakeError, `${code} is told as ${cause && cause.name}`)
      equal(cause.status, code, 'status')
    }
  },

  async 'a wrong URL'({ lib, open }) {
    for (const wrong of ['ws://', 'ftp://a.test/', 'ws://a.test/#part']) {
      try {
        open(wrong)
      } catch (error) {
        ok(error instanceof lib.InvalidArgumentError, `${wrong}: ${error && error.name}`)
        continue
      }
      throw new Error(`${wrong} was taken`)
    }
  },
}
