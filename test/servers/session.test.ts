/** The contract of any server of sessions, by the example of the documentation, in Python. */
import { fileURLToPath } from 'node:url'
import { afterAll, describe } from 'vitest'
import { findServers, missing } from '../../scripts/servers.mjs'
import { sparePort } from '../faults/raw-server.js'
import { contract } from '../session/contract.js'
import { type ServerProcess, startServer } from './process.js'

const { python } = findServers()
const script = fileURLToPath(new URL('../../docs/examples/session_server.py', import.meta.url))

describe.skipIf(!python)(`sessions in Python${python ? '' : ` (${missing.python})`}`, () => {
  const port = sparePort()
  let server: ServerProcess | undefined
  const start = async (): Promise<void> => {
    server ??= await startServer(python!, [script, String(port)], port)
  }
  const stop = async (): Promise<void> => {
    await server?.stop()
    server = undefined
  }
  afterAll(stop)

  // one for all: each test has a session of its own
  contract(async () => {
    await start()
    return { port, restart: () => stop().then(start), stop: () => Promise.resolve() }
  })
})
