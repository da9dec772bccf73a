/** The store in Redis, against a real one. */
import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findServers, missing } from '../../../scripts/servers.mjs'
import { SessionServer } from '../../../src/server/index.js'
import { StoreUnavailableError } from '../../../src/server/errors.js'
import { redisStore } from '../../../src/server/redis/index.js'
import { RedisStore } from '../../../src/server/redis/store.js'
import type { Wake } from '../../../src/server/store.js'
import { storeContract } from '../store.contract.js'
import { TcpProxy } from '../tcp-proxy.js'
import { type RedisServer, freePort, startRedis } from './server.js'

const { redis } = findServers()
const bounds = { messages: 1_000, bytes: 1_000_000 }
const credentials = { tokenHash: 'hash', identity: 'me' }

describe.skipIf(!redis)(`Redis${redis ? '' : ` (${missing.redis})`}`, () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
  }, 60_000)
  afterAll(() => server.stop())

  describe('the contract', () => {
    storeContract(async () => {
      const store = redisStore({ url: server.url, prefix: 'contract' })
      return { store, pass: (ms) => sleep(ms + 20), stop: async () => store.close() }
    })
  })

  async function inspect<T>(look: (client: ReturnType<typeof createClient>) => Promise<T>): Promise<T> {
    const client = createClient({ url: server.url })
    await client.connect()
    try {
      return await look(client)
    } finally {
      client.destroy()
    }
  }

  test('a session whose client has received all is one small key', async () => {
    const store = redisStore({ url: server.url, prefix: 'small' })
    await store.open('a', credentials, 'x', 60_000)
    await store.append('a', ['one', 'two'], bounds, 1)
    expect(await inspect((client) => client.keys('small:{a}*'))).toHaveLength(3)
    await store.trim('a', 1, 2)
    const keys = await inspect((client) => client.keys('small:{a}*'))
    // the memory of the writer goes by itself
    const expiries = await inspect((client) => Promise.all(keys.map((key) => client.pTTL(key))))
    expect(keys.filter((key) => !key.includes(':writer:'))).toEqual(['small:{a}'])
    expect(expiries.every((ms) => ms > 0 && ms <= 120_000)).toBe(true)
    await store.close()
  })

  test('why a session is gone is heard before a write is told that it is', async () => {
    const [store, other] = ['one', 'other'].map(() => redisStore({ url: server.url, prefix: 'why' }))
    const heard: string[] = []
    await store!.subscribe('x', (wake) => void heard.push(wake.type))
    const rounds = Array.from({ length: 100 }, (_, round) => `ended-${round}`)
    for (const id of rounds) {
      await store!.open(id, credentials, 'x', 60_000)
      const ended = other!.end(id)
      let number = 1
      while (!(await store!.commit(id, 1, number))) number++
      heard.push(id)
      await ended
    }
    expect(heard).toEqual(rounds.flatMap((id) => ['ended', id]))
    await Promise.all([store!.close(), other!.close()])
  })

  test('no key is left of sessions that have expired', async () => {
    const store = redisStore({ url: server.url, prefix: 'expiring' })
    await store.open('a', credentials, 'x', 200)
    await store.append('a', ['one'], bounds, 1)
    await sleep(220)
    const keys = await inspect((client) => client.keys('expiring:{a}*'))
    expect(keys.filter((key) => !key.includes(':writer:'))).toEqual([])
    await store.close()
  })

  test('an owner that a failover has forgotten is fenced, and not taken for the next one', async () => {
    const store = redisStore({ url: server.url, prefix: 'forgotten' })
    await store.open('a', credentials, 'x', 60_000)
    const replicated = await inspect((client) => client.hGetAll('forgotten:{a}'))
    const forgotten = await store.claim('a', 'y', 60_000)
    await inspect((client) => client.hSet('forgotten:{a}', replicated))
    const latest = await store.claim('a', 'z', 60_000)
    expect(await store.end('a', forgotten!.epoch)).toBe('fenced')
    expect(await store.commit('a', latest!.epoch, 1)).toBeUndefined()
    await store.close()
  })

  test('messages that were evicted cannot be read, and can be trimmed', async () => {
    const store = redisStore({ url: server.url, prefix: 'evicted' })
    await store.open('a', credentials, 'x', 60_000)
    await store.append('a', ['one', 'two', 'three'], bounds, 1)
    await inspect((client) => client.del('evicted:{a}:down'))
    expect(await store.trim('a', 1, 2)).toBeUndefined()
    expect(await store.read('a', 2, 10)).toEqual([])
    expect(await store.append('a', ['four'], bounds, 1)).toEqual({ last: 4, count: 1 })
    expect(await store.read('a', 3, 10)).toMatchObject([{ number: 4, data: 'four' }])
    await store.close()
  })

  test('a word on its channel that is none of ours disturbs nobody', async () => {
    const store = redisStore({ url: server.url, prefix: 'noise' })
    const wakes: Wake[] = []
    const appended = new Promise<void>((resolve) => {
      void store.subscribe('x', (wake) => {
        wakes.push(wake)
        resolve()
      })
    })
    await store.open('a', credentials, 'x', 60_000)
    await inspect(async (client) => {
      while ((await client.publish('noise:node:x', 'hello')) === 0);
    })
    await store.append('a', ['one'], bounds)
    await appended
    expect(wakes).toEqual([{ type: 'appended', id: 'a', last: 1 }])
    await store.close()
  })

  test('an error of Redis that waiting does not mend is told at once', async () => {
    const store = redisStore({ url: server.url, prefix: 'wrong' })
    await inspect((client) => client.set('wrong:{a}', 'not a session'))
    await expect(store.find('a')).rejects.toThrow(/WRONGTYPE/)
    await expect(store.claim('a', 'x', 1_000)).rejects.toThrow(/WRONGTYPE/)
    await store.close()
  })

  test('close() before anything was asked, and twice', async () => {
    for (const used of [false, true]) {
      const store = redisStore({ url: server.url })
      if (used) await store.find('a')
      await store.close()
      await store.close()
    }
  })

  test('close() while it is being connected leaves no connection that keeps the process alive', async () => {
    const alive = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
    let connections = 0
    const door = net.createServer((socket) => {
      connections++
      socket.unref().pipe(net.connect(server.port).unref()).pipe(socket)
    })
    await once(door.listen(0, '127.0.0.1'), 'listening')
    const store = redisStore({ url: `redis://127.0.0.1:${(door.address() as net.AddressInfo).port}` })
    const found = Promise.resolve(store.find('a'))
    await Promise.all([expect(found).rejects.toThrow(StoreUnavailableError), store.close()])
    // less than an idle connection lasts
    await expect.poll(() => [connections, alive()]).toEqual([2, 0])
    door.close()
  })
})

describe.skipIf(!redis)(`Redis away${redis ? '' : ` (${missing.redis})`}`, () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
  }, 60_000)
  afterAll(() => server.stop())

  test('operations wait for one that is not there yet, with nothing lost and nothing twice', async () => {
    await server.kill()
    const failures: Wake[] = []
    // asked for life all the time, also where there is none
    const store = new RedisStore({ url: server.url }, 'late', 30_000, { interval: 10, timeout: 5_000 })
    let missed!: () => void
    const returned = new Promise<void>((resolve) => (missed = resolve))
    const subscribed = store.subscribe('x', (wake) => {
      if (wake.type === 'missed') missed()
      else failures.push(wake)
    })
    const opened = store.open('a', credentials, 'x', 60_000)
    await server.start()
    await opened
    await subscribed
    expect(failures[0]).toMatchObject({ type: 'failed' })

    // many writes, and Redis is killed and started again among them
    const numbers: Promise<unknown>[] = []
    for (let i = 0; i < 300; i++) {
      if (i === 100) await server.kill()
      if (i === 200) await server.start()
      numbers.push(Promise.resolve(store.append('a', [String(i)], bounds, 1)))
    }
    expect(await Promise.all(numbers)).toEqual(numbers.map((_, i) => ({ last: i + 1, count: 1 })))
    expect((await store.read('a', 0, 1_000)).map(({ data }) => data)).toEqual(
      numbers.map((_, i) => String(i)),
    )
    // and it is told that it may have missed something
    await returned
    await store.close()
  }, 60_000)

  test('an answer that was lost is asked for again, and given again: nothing is written twice', async () => {
    const proxy = await TcpProxy.start(server.port)
    const store = redisStore({ url: `redis://127.0.0.1:${proxy.port}`, prefix: 'lost', patience: 30_000 })
    await store.open('a', credentials, 'x', 60_000)
    for (let n = 1; n <= 20; n++) {
      proxy.loseAnswer('EVAL', '-NOSCRIPT')
      expect(await store.append('a', [String(n)], bounds, n % 2 ? 1 : undefined)).toEqual({
        last: n,
        count: 1,
      })
    }
    expect((await store.read('a', 0, 100)).map(({ number, data }) => [number, data])).toEqual(
      Array.from({ length: 20 }, (_, i) => [i + 1, String(i + 1)]),
    )
    // two to begin with, and one for each that was lost
    expect(proxy.connections).toBe(22)
    await store.close()
    await proxy.stop()
  }, 60_000)

  test('when it stays away an operation rejects, and so it does after close()', async () => {
    const store = redisStore({ url: `redis://127.0.0.1:${await freePort()}`, patience: 200 })
    await expect(store.find('a')).rejects.toThrow(StoreUnavailableError)
    const waiting = Promise.resolve(store.find('a'))
    const rejected = expect(waiting).rejects.toThrow(StoreUnavailableError)
    // it has been refused once, and waits
    await new Promise(setImmediate)
    await store.close()
    await rejected
    await expect(store.find('a')).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  })

  test('a subscription whose answer is lost is made again', async () => {
    const proxy = await TcpProxy.start(server.port)
    const store = redisStore({ url: `redis://127.0.0.1:${proxy.port}`, prefix: 'resubscribed' })
    await store.open('a', credentials, 'x', 60_000)
    proxy.loseAnswer('subscribe', 'nothing')
    let told!: () => void
    const appended = new Promise<void>((resolve) => (told = resolve))
    await store.subscribe('x', (wake) => wake.type === 'appended' && told())
    expect(proxy.connections).toBe(3)
    await store.append('a', ['one'], bounds)
    await appended
    await store.close()
    await proxy.stop()
  }, 60_000)

  test('a subscription waits for Redis, and ends with close()', async () => {
    const store = redisStore({ url: `redis://127.0.0.1:${await freePort()}`, patience: 1 })
    const subscribed = Promise.resolve(store.subscribe('x', () => {}))
    const rejected = expect(subscribed).rejects.toThrow(StoreUnavailableError)
    await expect(store.find('a')).rejects.toThrow(StoreUnavailableError)
    await store.close()
    await rejected
  })

  test.each(['was never there', 'went away'])(
    'a server closes although Redis %s',
    async (how) => {
      const own = how === 'went away' ? await startRedis() : undefined
      const url = own?.url ?? `redis://127.0.0.1:${await freePort()}`
      const store = redisStore({ url, patience: 100 })
      const sessions = new SessionServer({ store })
      sessions.on('error', () => {})
      if (own) await store.subscribe('ready', () => {})
      await own?.stop()
      await sessions.close({ timeout: 500 })
      await store.close()
    },
    60_000,
  )

  test('a connection whose handshake is not answered is dropped, and made again', async () => {
    // the first two connections lead to somebody who says nothing
    const silent = net.createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as net.AddressInfo
    let connections = 0
    const proxy = await TcpProxy.start(() => (++connections > 2 ? server.port : port))
    const store = new RedisStore({ url: `redis://127.0.0.1:${proxy.port}` }, 'handshake', 60_000, {
      interval: 50,
      timeout: 250,
    })
    await store.open('a', credentials, 'x', 60_000)
    await store.close()
    await proxy.stop()
    silent.close()
  }, 60_000)

  test('a connection that says nothing any more is dropped, and made again', async () => {
    const proxy = await TcpProxy.start(server.port)
    const store = new RedisStore({ url: `redis://127.0.0.1:${proxy.port}` }, 'silent', 60_000, {
      interval: 50,
      timeout: 250,
    })
    await store.open('a', credentials, 'x', 60_000)
    let missed!: () => void
    const returned = new Promise<void>((resolve) => (missed = resolve))
    await store.subscribe('x', (wake) => wake.type === 'missed' && missed())
    proxy.stall()
    const append = store.append('a', ['one'], bounds, 1)
    await proxy.connected(4)
    proxy.pass()
    await returned
    expect(await append).toEqual({ last: 1, count: 1 })
    expect(await store.read('a', 0, 10)).toHaveLength(1)
    await store.close()
    await proxy.stop()
  }, 60_000)
})

test('an address among the other options of the client is the one that is used', async () => {
  const listener = net.createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as net.AddressInfo
  const dialed = once(listener, 'connection')
  const store = redisStore({ client: { socket: { host: '127.0.0.1', port } }, patience: 0 })
  const found = Promise.resolve(store.find('a'))
  await expect(found).rejects.toThrow(StoreUnavailableError)
  await dialed
  await store.close()
  listener.close()
  await redisStore({ client: { socket: { host: '127.0.0.1', tls: true } } }).close()
})

test.each([
  [{ url: 'http://127.0.0.1' }, 'url'],
  [{ url: 6379 }, 'url'],
  [{ prefix: '' }, 'prefix'],
  [{ prefix: 'a{b}' }, 'prefix'],
  [{ patience: -1 }, 'patience'],
  [{ patience: 60_001 }, 'patience'],
  [{ client: 'x' }, 'client'],
  [{ host: 'x' }, 'host'],
])('%o is refused by name', (options, argument) => {
  expect(() => redisStore(options as never)).toThrow(expect.objectContaining({ argument }) as Error)
})
