/** The contract of any server, by the one that the other tests use. */
import { contract } from './contract.js'
import { TestServer } from './server.js'

contract(async () => {
  const server = await new TestServer({ handle: (session, data) => void session.send(data) }).start()
  return {
    port: Number(new URL(server.url).port),
    async restart() {
      server.forget()
      await server.kill()
      await server.start()
    },
    stop: () => server.kill(),
  }
})
