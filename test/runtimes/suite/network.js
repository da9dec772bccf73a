/** What only a runtime with sockets of its own can do. */
import { equal, messages } from './assert.js'

export const cases = {
  async headers({ open, url }) {
    const socket = open(url('about'), { node: { headers: { 'x-suite': 'here' }, cookie: () => 'a=b' } })
    const [text] = await messages(socket, 1)
    const { headers } = JSON.parse(text)
    equal([headers['x-suite'], headers.cookie], ['here', 'a=b'], 'headers')
  },

  async 'TLS with its own CA'({ open, url, env }) {
    const to = url('echo').replace(env.ws, env.wss)
    const refused = open(to, { retry: false })
    equal((await refused.closed).code, 1006, 'without the CA')
    const socket = open(to, { retry: false, node: { ca: env.ca } })
    const back = messages(socket, 1)
    await socket.opened
    socket.send('secret')
    equal(await back, ['secret'], 'messages')
  },

  async proxy({ lib, open, url, env }) {
    const socket = open(url('about'), { retry: false, node: { agent: lib.proxyAgent(env.proxy) } })
    const [text] = await messages(socket, 1)
    equal(JSON.parse(text).proxied, true, 'through the proxy')
  },
}
