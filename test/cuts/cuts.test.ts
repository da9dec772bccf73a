/** A client and a server on two machines, and a cable that is really cut: what the kernel does, no proxy can. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { bundle, type Bundle } from '../faults/bundle.js'
import { CLOSE_WAIT, ESTABLISHED } from '../faults/raw-server.js'
import { eventually } from '../faults/record.js'
import { type Remote, type RemoteOptions, startProcess } from '../faults/remote.js'
import { Network, obstacle, PORT, SERVER } from './network.js'

const reason = await obstacle()
if (reason !== undefined) console.warn(`The tests with real cuts are skipped: ${reason}`)

const heartbeat = { interval: 300, timeout: 800 }
/** The kernel says again what was not heard at growing intervals, and the machine may be busy. */
const PATIENCE = 20_000
const SLACK = 3_000

let clientScript: Bundle
let serverScript: Bundle
beforeAll(async () => {
  clientScript = await bundle('remote-child.ts')
  serverScript = await bundle('../cuts/server-child.ts')
})
afterAll(() => Promise.all([clientScript.remove(), serverScript.remove()]))

interface Cut {
  readonly cut: (network: Network) => void
  readonly heal: (network: Network) => void
  /** Who ends the connection, and why. */
  readonly by: 'client' | 'network'
  /** What may become of a dial meanwhile; nothing where the first succeeds. */
  readonly dials?: readonly string[]
  /** The server cannot hear that the old connection is over, and has to find out. */
  readonly ghost?: true
}

const cuts: Record<string, Cut> = {
  'packets are dropped both ways': {
    cut: (network) => (network.drop('to the server'), network.drop('to the client')),
    heal: (network) => network.heal(),
    by: 'client',
    dials: ['ERR_CONNECT_TIMEOUT'],
  },
  'packets to the server are dropped': {
    cut: (network) => network.drop('to the server'),
    heal: (network) => network.heal(),
    by: 'client',
    dials: ['ERR_CONNECT_TIMEOUT'],
  },
  'packets to the client are dropped': {
    cut: (network) => network.drop('to the client'),
    heal: (network) => network.heal(),
    by: 'client',
    dials: ['ERR_CONNECT_TIMEOUT'],
  },
  'the link of the client goes down, and up again': {
    cut: (network) => network.link('client', 'down'),
    heal: (network) => network.link('client', 'up'),
    by: 'client',
    dials: ['ERR_CONNECTION'],
  },
  'the link of the server goes down, and up again': {
    cut: (network) => network.link('server', 'down'),
    heal: (network) => network.link('server', 'up'),
    by: 'client',
    // once the kernel has asked in vain for the address of the server's card, it says so itself
    dials: ['ERR_CONNECT_TIMEOUT', 'ERR_CONNECTION'],
  },
  'a firewall resets every connection': {
    cut: (network) => network.reject(),
    heal: (network) => network.heal(),
    by: 'network',
    dials: ['ERR_CONNECTION'],
    ghost: true,
  },
  'the client gets another address': {
    cut: (network) => network.move(),
    heal: () => {},
    by: 'client',
    ghost: true,
  },
}

const opened = ['connecting → open', 'open 0']
const ended = ['open → closing', 'closing → closed', 'close 1005 (user, clean, final)', 'ended by user']

/** A new network with a server, and a client that is connected to it. */
async function connect(options: Partial<RemoteOptions> = {}) {
  const network = new Network()
  onTestFinished(() => network.remove())
  const server = await serve(network)
  const client = startProcess(
    clientScript.file,
    {
      url: `ws://${SERVER}:${PORT}/`,
      backoff: 100,
      connectTimeout: 1_000,
      closeTimeout: 500,
      heartbeat,
      ...options,
    },
    ['ip', 'netns', 'exec', network.client],
  )
  await client.until('heartbeat')
  client.tell({ send: 'before' })
  await server.until('message before')
  return { network, server, client }
}

async function serve(network: Network): Promise<Remote> {
  const server = startProcess(serverScript.file, { port: PORT }, ['ip', 'netns', 'exec', network.server])
  await server.until('listening')
  return server
}

/** One connection lives, both kernels agree, and after its end there is nothing. */
async function oneLeft(network: Network, server: Remote, client: Remote): Promise<void> {
  const left = (live: number): Promise<void> => {
    const [expected, connections] = [`live ${live}`, `${live} ${live}`]
    const count = (state: string): string =>
      `${network.count('client', state)} ${network.count('server', state)}`
    return eventually(
      () =>
        `${expected}, but ${server.latest('live')}, ESTABLISHED ${count(ESTABLISHED)}, CLOSE_WAIT ${count(CLOSE_WAIT)}`,
      () =>
        server.latest('live') === expected &&
        count(ESTABLISHED) === connections &&
        count(CLOSE_WAIT) === '0 0',
      PATIENCE,
    )
  }
  await left(1)
  client.tell({ send: 'after' })
  await server.until('message after')
  expect((await client.end()).left).toEqual([])
  await left(0)
  expect(await client.exit).toEqual({ code: 0, errors: '' })
}

const received = (server: Remote): string[] => server.words.filter((word) => word.startsWith('message'))

describe.skipIf(reason !== undefined)(
  `real cuts${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    test.each(Object.entries(cuts))(
      '%s',
      async (_, { cut, heal, by, dials, ghost }) => {
        const { network, server, client } = await connect()
        const start = Date.now()
        cut(network)
        const close = await client.until('close')
        // one interval may have passed when the ping after it is the first to be lost
        expect(close.at - start).toBeLessThan(1.2 * heartbeat.interval + heartbeat.timeout + SLACK)
        expect(close.cause).toBe(by === 'client' ? 'ERR_HEARTBEAT' : 'ERR_CONNECTION')
        client.tell({ send: 'queued' })
        if (dials) await client.until('error', 2)
        heal(network)
        await client.until('connecting → open', 2)
        await server.until('message queued')
        const errors = client.words.filter((word) => word.startsWith('error'))
        for (const error of errors) expect(dials?.map((code) => `error ${code}`)).toContain(error)
        if (ghost) server.tell('sweep')
        await oneLeft(network, server, client)
        expect(client.words).toEqual([
          ...opened,
          'open → connecting',
          `close 1006 (${by}, unclean, retries)`,
          ...errors,
          'connecting → open',
          `open ${errors.length + 1} again`,
          ...ended,
        ])
        expect(received(server)).toEqual(['message before', 'message queued', 'message after'])
      },
      60_000,
    )

    test('the machine of the server is rebooted: a reset with the next packet, and a redial', async () => {
      // long enough for the reset to come first
      const { network, client } = await connect({ heartbeat: { interval: 300, timeout: 15_000 } })
      network.reboot()
      const { cause } = await client.until('close')
      expect(cause).toBe('ERR_CONNECTION')
      client.tell({ send: 'queued' })
      await client.until('error')
      const server = await serve(network)
      await server.until('message queued')
      const errors = client.words.filter((word) => word.startsWith('error'))
      await oneLeft(network, server, client)
      expect(client.words).toEqual([
        ...opened,
        'open → connecting',
        'close 1006 (network, unclean, retries)',
        ...errors.map(() => 'error ERR_CONNECTION'),
        'connecting → open',
        `open ${errors.length + 1} again`,
        ...ended,
      ])
      expect(received(server)).toEqual(['message queued', 'message after'])
    }, 60_000)

    test('nothing of the networks is left', async () => {
      const network = new Network()
      const namespaces = [network.client, network.server]
      expect(Network.existing()).toEqual(expect.arrayContaining(namespaces))
      await network.remove()
      for (const namespace of namespaces) expect(Network.existing()).not.toContain(namespace)
    })
  },
)
