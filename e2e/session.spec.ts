/** Sessions in pages: a reload in the middle of a burst loses nothing and doubles nothing. */
import type { SessionSocket } from '../src/session/socket.js'
import { TestServer } from '../test/session/server.js'
import { seeded } from '../test/simulation/clock.js'
import { expect, type Tab, test } from './engine.js'
import { type Site, startSite } from './site.js'

interface InPage {
  readonly problems: string[]
  readonly lost: unknown[]
  readonly socket: SessionSocket
}

/** Keeps what it is told where a reload finds it: with the number, which tells what is told again. */
const client = `<script type="module">
  import { indexedDb, SessionSocket } from '/dist/production/session.js'
  const { url, name, inUse, beat } = Object.fromEntries(new URLSearchParams(location.search))
  window.lost = []
  const socket = new SessionSocket(url, {
    retry: { backoff: { type: 'constant', base: 50 } },
    heartbeat: beat ? { interval: Number(beat), timeout: Number(beat) } : false,
    session: { store: indexedDb(name, inUse ? { inUse } : {}) },
  })
  socket.on('message', (data) => {
    const told = JSON.parse(localStorage.getItem(name) ?? '[]')
    localStorage.setItem(name, JSON.stringify([...told, [socket.received, data]]))
  })
  socket.on('lost', (detail) => lost.push(detail))
  addEventListener('pageshow', ({ persisted }) => Object.assign(window, { persisted }))
  window.socket = socket
</script>`

let site: Site
let server: TestServer
test.beforeAll(async () => {
  site = await startSite({ '/': client, '/frame': '<iframe></iframe>' + client }, 0)
})
test.beforeEach(async () => {
  // so small that a burst is on its way for a while
  server = await new TestServer({ window: 1_000 }).start()
})
test.afterEach(async ({ tab }) => {
  expect(await tab.evaluate(() => (globalThis as unknown as InPage).problems)).toEqual([])
  await tab.goto('about:blank')
  await server.kill()
})
test.afterAll(() => site.stop())

const page = (name: string, more = ''): string =>
  `${site.origin}/?url=${encodeURIComponent(server.url)}&name=${name}${more}`

test('a reload in the middle of a burst: nothing is lost, nothing comes twice, both ways', async ({
  tab,
}) => {
  const BURST = 200
  const RELOADS = 4
  const sent: string[] = []
  let down = 0
  for (let reload = 0; reload <= RELOADS; reload++) {
    await tab.goto(page('burst'))
    await tab.until(() => (globalThis as unknown as InPage).socket?.state === 'open')
    const texts = Array.from({ length: BURST }, (_, i) => `${reload}.${i} ${'.'.repeat(20)}`)
    sent.push(...texts)
    await tab.evaluate((texts: string[]) => {
      for (const text of texts) (globalThis as unknown as InPage).socket.send(text)
    }, texts)
    // once the server has one of them, all of that burst are in the store
    await server.until(() => server.all[0]!.messages.includes(texts[0]!))
    for (let i = 0; i < 20; i++) server.all[0]!.send(`down ${++down}`)
  }
  await server.until(() => server.all[0]!.messages.length >= sent.length && server.all[0]!.held === 0)
  expect(server.all).toHaveLength(1)
  expect(server.all[0]!.messages).toEqual(sent)
  await tab.until(() => (globalThis as unknown as InPage).socket.held.size === 0)
  expect(await tab.evaluate(() => (globalThis as unknown as InPage).lost)).toEqual([])
  expect(await told(tab, 'burst')).toEqual(Array.from({ length: down }, (_, i) => `down ${i + 1}`))
})

/** What the pages of that name were told: perhaps again, where a page went before it was noted; with the same number. */
async function told(tab: Tab, name: string): Promise<string[]> {
  const all = await tab.evaluate(
    (name) => JSON.parse(localStorage.getItem(name) ?? '[]') as [number, string][],
    name,
  )
  const once = new Map<number, string>()
  for (const [number, text] of all) {
    if (once.has(number)) expect(once.get(number)).toBe(text)
    else expect(number).toBe(once.size + 1)
    once.set(number, text)
  }
  return [...once.values()]
}

/** Loads the same page once more, in a frame of the page that is there. */
async function second(
  tab: { evaluate<R, A>(work: (given: A) => R | Promise<R>, given: A): Promise<R> },
  url: string,
) {
  await tab.evaluate(
    (url) =>
      new Promise<void>((resolve) => {
        const frame = document.createElement('iframe')
        frame.src = url
        frame.onload = () => resolve()
        document.body.append(frame)
      }),
    url,
  )
}

test.describe(() => {
  test.skip(({ browserName }) => browserName !== 'webkit', 'Playwright turns the cache of pages off')

  test('a page in the back/forward cache leaves its session to the next, and goes on with it afterwards', async ({
    tab,
  }) => {
    const send = async (...texts: string[]): Promise<void> => {
      await tab.until(() => (globalThis as unknown as InPage).socket?.state === 'open')
      await tab.evaluate((texts) => {
        for (const text of texts) (globalThis as unknown as InPage).socket.send(text)
      }, texts)
      await server.until(() => server.all.some(({ messages }) => messages.includes(texts.at(-1)!)))
    }
    /** A message that is being stored when the page goes: WebKit may hold that back until the page returns. */
    const sendAsItGoes = (text: string): Promise<void> =>
      tab.evaluate((text) => {
        const page = globalThis as unknown as InPage & { delivered: Promise<void> }
        const send = (): void => {
          page.delivered = page.socket.delivered(page.socket.send(text))
        }
        addEventListener('pagehide', send, { capture: true, once: true })
      }, text)
    const travel = async (by: number): Promise<void> => {
      const left = await tab.evaluate((by) => {
        setTimeout(() => history.go(by))
        return location.search
      }, by)
      await tab.until(
        (left) => location.search !== left && (globalThis as { persisted?: boolean }).persisted === true,
        left,
      )
    }
    await tab.goto(page('cached'))
    await send('first 1', 'first 2')
    await tab.goto(page('cached', '&next'))
    await send('next 1', 'next 2')
    await sendAsItGoes('next 3')
    await travel(-1)
    await send('first 3', 'first 4')
    await sendAsItGoes('first 5')
    await travel(1)
    // its own that was held back, and nothing of what the first page sent in the meantime in its place
    await tab.evaluate(() => (globalThis as unknown as { delivered: Promise<void> }).delivered)
    await send('next 4')
    await travel(-1)
    await tab.evaluate(() => (globalThis as unknown as { delivered: Promise<void> }).delivered)
    await send('first 6')
    expect(await tab.evaluate(() => (globalThis as unknown as InPage).lost)).toEqual([])
    expect(server.all).toHaveLength(1)
    const of = (page: string): unknown[] =>
      server.all[0]!.messages.filter((text) => String(text).startsWith(page))
    expect(of('first')).toEqual([1, 2, 3, 4, 5, 6].map((n) => `first ${n}`))
    expect(of('next')).toEqual([1, 2, 3, 4].map((n) => `next ${n}`))
  })

  for (const leave of ['close', 'terminate', 'end'] as const)
    test(`a page that calls ${leave}() as it goes keeps nobody from its session`, async ({ tab }) => {
      const name = `left by ${leave}`
      await tab.goto(page(name, '&inUse=wait'))
      await tab.until(() => (globalThis as unknown as InPage).socket?.state === 'open')
      await tab.evaluate(
        ({ leave, next }) => {
          const { socket } = globalThis as unknown as InPage
          const go = (): void => {
            for (let n = 0; n < 200; n++) socket.send(`to be stored ${n}`)
            socket[leave]()
          }
          // before the socket hears of it
          addEventListener('pagehide', go, { capture: true, once: true })
          setTimeout(() => location.assign(next))
        },
        { leave, next: page(name, '&inUse=wait&next') },
      )
      await tab.until(() => location.search.endsWith('&next'))
      await tab.until(() => (globalThis as unknown as InPage).socket?.state === 'open')
    })

  test('two pages in turn, back and forth while they send and are sent to: nothing is lost, nothing comes twice', async ({
    tab,
  }) => {
    const TRAVELS = 30
    const seed = Number(process.env.EVEROPEN_FUZZ_SEED ?? Date.now() % 1_000_000_000)
    console.log(`seed ${seed}`)
    const random = seeded(seed)
    const upTo = (most: number): number => Math.floor(random() * (most + 1))
    const name = 'travel'
    const arrive = async (at: number): Promise<void> => {
      await tab.until((at) => location.search.endsWith(`&at=${at}`), at)
      await tab.until(() => (globalThis as unknown as InPage).socket?.state === 'open')
    }
    for (const at of [0, 1]) {
      await tab.goto(page(name, `&at=${at}`))
      await arrive(at)
    }
    let at = 1
    let down = 0
    const travel = async (texts: string[], pauses: number[], left: number): Promise<void> => {
      await tab.evaluate(
        ({ texts, pauses, left, by }) => {
          const page = globalThis as unknown as InPage & { sending: boolean }
          page.sending = true
          setTimeout(async () => {
            for (const [i, text] of texts.entries()) {
              if (i === left) history.go(by)
              const sent = JSON.parse(localStorage.getItem('sent') ?? '[]') as string[]
              localStorage.setItem('sent', JSON.stringify([...sent, text]))
              page.socket.send(text)
              for (let turn = 0; turn < pauses[i]!; turn++)
                await new Promise((resolve) => setTimeout(resolve))
            }
            page.sending = false
            if (left === texts.length) history.go(by)
          })
        },
        { texts, pauses, left, by: at === 0 ? 1 : -1 },
      )
      at = 1 - at
    }
    for (let i = 0; i < TRAVELS; i++) {
      const texts = Array.from({ length: 1 + upTo(5) }, (_, n) => `${i}.${n}`)
      await travel(
        texts,
        texts.map(() => upTo(3)),
        upTo(texts.length),
      )
      for (let n = upTo(8); n > 0; n--) server.all[0]!.send(`down ${++down}`)
      // a page may also be left while it reads its store, or connects
      if (random() < 0.5) await arrive(at)
      else await tab.until((at) => location.search.endsWith(`&at=${at}`), at)
    }
    await arrive(at)
    // each page sends what it could not before it was left
    const finish = (): Promise<void> =>
      tab.until(() => {
        const { socket, sending } = globalThis as unknown as InPage & { sending: boolean }
        return !sending && socket.held.size === 0
      })
    for (let i = 0; i < 2; i++) {
      await finish()
      await travel([], [], 0)
      await arrive(at)
    }
    await finish()
    const sent = await tab.evaluate(() => JSON.parse(localStorage.getItem('sent')!) as string[])
    await server.until(() => server.all[0]!.messages.length >= sent.length)
    expect(server.all).toHaveLength(1)
    expect([...server.all[0]!.messages].sort()).toEqual(sent.sort())
    await server.until(() => server.all[0]!.held === 0)
    expect(await told(tab, name)).toEqual(Array.from({ length: down }, (_, i) => `down ${i + 1}`))
    expect(await tab.evaluate(() => (globalThis as unknown as InPage).lost)).toEqual([])
  })
})

test('a page does not hold up whoever deletes its database: what it held is told as lost, and it starts afresh', async ({
  tab,
}) => {
  await tab.goto(page('deleted'))
  await tab.until(() => (globalThis as unknown as InPage).socket?.state === 'open')
  const reasons = await tab.evaluate(async () => {
    await new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase('everopen-session:deleted')
      request.onsuccess = resolve
      request.onblocked = () => reject(new Error('blocked'))
    })
    const { socket, lost } = globalThis as unknown as InPage
    await socket.delivered(socket.send('into nothing')).catch(() => {})
    await socket.delivered(socket.send('afresh'))
    return lost.map((detail) => (detail as { reason: string }).reason)
  })
  expect(reasons).toEqual(['store'])
  expect(server.all.map(({ messages }) => messages)).toEqual([[], ['afresh']])
})

test('two pages of one name have two sessions', async ({ tab }) => {
  await tab.goto(page('two'))
  await tab.until(() => (globalThis as unknown as InPage).socket?.state === 'open')
  await second(tab, page('two'))
  await tab.until(() => (frames[0] as unknown as InPage).socket?.state === 'open')
  const ids = await tab.evaluate(() => [
    (globalThis as unknown as InPage).socket.id,
    (frames[0] as unknown as InPage).socket.id,
  ])
  expect(new Set(ids).size).toBe(2)
})

test('with inUse: wait, the second goes on with the session when the first is gone', async ({ tab }) => {
  await tab.goto(page('wait', '&inUse=wait'))
  await tab.until(() => (globalThis as unknown as InPage).socket?.state === 'open')
  await second(tab, page('wait', '&inUse=wait'))
  await tab.until(() => (frames[0] as unknown as InPage).socket !== undefined)
  const id = await tab.evaluate(() => {
    const { socket } = globalThis as unknown as InPage
    socket.send('from the first')
    return socket.id
  })
  await server.until(() => server.all[0]!.messages.length === 1)
  expect(server.all).toHaveLength(1)
  await tab.evaluate(() => (globalThis as unknown as InPage).socket.close())
  await tab.until(() => (frames[0] as unknown as InPage).socket.state === 'open')
  expect(await tab.evaluate(() => (frames[0] as unknown as InPage).socket.id)).toBe(id)
  expect(server.all).toHaveLength(1)
})

test('a page finds out that nobody is there any more, and that somebody is', async ({ tab }) => {
  await tab.goto(page('beat', '&beat=300'))
  await tab.until(() => (globalThis as unknown as InPage).socket?.state === 'open')
  await tab.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const { socket } = globalThis as unknown as InPage
        socket.on('heartbeat', () => resolve())
      }),
  )
  const [first] = server.clients
  // reads no more, and so answers nothing
  first!.pause()
  await server.until(() => server.clients.some((client) => client !== first))
})
