/** What Python's websocket-client does by itself, made of the parts that are here. */
import { expect, test } from 'vitest'
import { dial, own, raw } from './meet.js'

test('a cookie that the server set goes with the next handshake', async () => {
  const server = await raw((one, n) => {
    if (n > 0) return void one.accept()
    const write = one.write.bind(one)
    one.write = (bytes) =>
      write(Buffer.from(bytes.toString('latin1').replace('\r\n', '\r\nSet-Cookie: sid=7; Path=/\r\n')))
    void one.accept().then(() => one.tcp.end())
  })
  let kept: string | undefined
  const socket = dial(server.url, { cookie: () => kept }, { retry: { backoff: () => 1 } })
  socket.on('handshake', ({ headers }) => {
    const [cookie] = headers['set-cookie'] ?? []
    kept = cookie?.split(';')[0] ?? kept
  })
  const second = await (await server.connection(1)).request
  expect(own(second)).toEqual(['Cookie: sid=7'])
  expect(own(await server.connections[0]!.request)).toEqual([])
})
