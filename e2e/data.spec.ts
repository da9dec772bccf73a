/** Messages, both ways: every kind of them, byte for byte and in order. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync, utimesSync } from 'node:fs'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { WebSocketServer } from 'ws'
import type { ReconnectingSocket } from '../src/index.js'
import { expect, test } from './engine.js'
import { type Site, startSite } from './site.js'

const { unpkg } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly unpkg: string
}

interface Got {
  readonly text: string
  readonly binary: boolean
}

interface InPage {
  readonly everopen: { readonly ReconnectingSocket: typeof ReconnectingSocket }
  readonly problems: string[]
}

let site: Site
let server: WebSocketServer
let url: string
let got: Got[]
test.beforeAll(async () => {
  site = await startSite({ '/': `<script src="/${unpkg.replace('./', '')}"></script>` }, 0)
  // chooses the first subprotocol that is offered
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  server.on('connection', (socket) =>
    socket.on('message', (data: Buffer, binary) => {
      got.push({ text: data.toString('latin1'), binary })
      socket.send(data, { binary })
    }),
  )
  await once(server, 'listening')
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
test.beforeEach(async ({ tab }) => {
  got = []
  await tab.goto(site.origin)
})
test.afterEach(async ({ tab }) => {
  expect(await tab.evaluate(() => (globalThis as unknown as InPage).problems)).toEqual([])
  await expect.poll(() => server.clients.size).toBe(0)
})
test.afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  await site.stop()
})

for (const binaryType of ['arraybuffer', 'blob'] as const)
  test(`text, buffers, views and Blobs arrive as they were, with binaryType ${binaryType}`, async ({
    tab,
  }) => {
    const back = await tab.evaluate(
      async ([url, binaryType]) => {
        const { everopen } = globalThis as unknown as InPage
        const socket = new everopen.ReconnectingSocket(url, { binaryType })
        const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
        const sent = [
          '',
          'häßlich \u{1f600} \0 end',
          bytes.buffer,
          bytes.subarray(250),
          new Uint16Array([0x1234, 0xffff]),
          new DataView(bytes.buffer, 1, 2),
          new ArrayBuffer(0),
          new Blob([bytes.subarray(0, 3), 'x']),
          'the last',
        ]
        for (const data of sent) socket.send(data)
        const back: unknown[] = []
        for await (const data of socket) {
          if (typeof data === 'string') back.push(data)
          else {
            const buffer = data instanceof Blob ? await data.arrayBuffer() : data
            back.push([data.constructor.name, ...new Uint8Array(buffer as ArrayBuffer)])
          }
          if (data === 'the last') socket.close()
        }
        await socket.closed
        return back
      },
      [url, binaryType] as const,
    )
    const type = binaryType === 'blob' ? 'Blob' : 'ArrayBuffer'
    const all = Array.from({ length: 256 }, (_, index) => index)
    const expected = [
      '',
      'häßlich \u{1f600} \0 end',
      all,
      all.slice(250),
      [0x34, 0x12, 0xff, 0xff],
      [1, 2],
      [],
      [0, 1, 2, 120],
      'the last',
    ]
    expect(back).toEqual(expected.map((each) => (typeof each === 'string' ? each : [type, ...each])))
    expect(got).toEqual(
      expected.map((each) => ({
        binary: typeof each !== 'string',
        text: Buffer.from(each as string).toString('latin1'),
      })),
    )
  })

test('the subprotocol is the one that the server chose', async ({ tab }) => {
  const protocol = await tab.evaluate(async (url) => {
    const { everopen } = globalThis as unknown as InPage
    const socket = new everopen.ReconnectingSocket(url, { protocols: ['chat.v2', 'chat.v1'] })
    await socket.opened
    const { protocol } = socket
    socket.close()
    await socket.closed
    return protocol
  }, url)
  expect(protocol).toBe('chat.v2')
})

test('1,000 messages that waited for the connection arrive once each, in order', async ({ tab }) => {
  const back = await tab.evaluate(async (url) => {
    const { everopen } = globalThis as unknown as InPage
    const socket = new everopen.ReconnectingSocket(url)
    for (let i = 0; i < 1_000; i++) socket.send(String(i))
    const waiting = socket.outbox.size
    const back: unknown[] = []
    for await (const data of socket) if (back.push(data) === 1_000) socket.close()
    await socket.closed
    return [waiting, ...back]
  }, url)
  const numbers = Array.from({ length: 1_000 }, (_, index) => String(index))
  expect(back).toEqual([1_000, ...numbers])
  expect(got.map(({ text }) => text)).toEqual(numbers)
})

test('a message of 3 MiB, both ways', async ({ tab }) => {
  const length = 3 * 2 ** 20
  const same = await tab.evaluate(
    async ([url, length]) => {
      const { everopen } = globalThis as unknown as InPage
      const socket = new everopen.ReconnectingSocket(url, { binaryType: 'arraybuffer' })
      // it is more than the outbox holds
      await socket.opened
      const sent = Uint8Array.from({ length }, (_, index) => (index * 31) % 251)
      socket.send(sent)
      for await (const data of socket) {
        socket.close()
        await socket.closed
        const back = new Uint8Array(data as ArrayBuffer)
        return back.length === length && back.every((byte, index) => byte === sent[index])
      }
      return false
    },
    [url, length] as const,
  )
  expect(same).toBe(true)
  expect(got.map(({ text, binary }) => [text.length, binary])).toEqual([[length, true]])
})

test(
  'a file that has changed since it was chosen is dropped, and what follows it is sent',
  { tag: '@chromium' },
  async ({ tab }) => {
    const dir = mkdtempSync(path.join(tmpdir(), 'everopen-'))
    const file = path.join(dir, 'chosen.txt')
    try {
      writeFileSync(file, 'as it was')
      await tab.evaluate(() => (document.body.innerHTML = '<input type="file">'))
      await tab.page!.setInputFiles('input', file)
      // only by now the engine is sure to have seen it
      const before = await tab.evaluate(() => document.querySelector('input')!.files![0]!.text())
      expect(before).toBe('as it was')
      writeFileSync(file, 'of another length by now')
      // the engine may compare whole seconds
      const later = new Date(Date.now() + 10_000)
      utimesSync(file, later, later)
      const drops = await tab.evaluate(async (url) => {
        const { everopen } = globalThis as unknown as InPage
        const socket = new everopen.ReconnectingSocket(url, { retry: { backoff: () => 50 } })
        const drops: string[] = []
        socket.on('drop', ({ reason }) => drops.push(reason))
        await socket.opened
        const ended = new Promise<void>((resolve) => {
          socket.on('message', (data) => data === 'behind it' && resolve())
        })
        socket.send(document.querySelector('input')!.files![0]!)
        socket.send('behind it')
        await ended
        socket.close()
        await socket.closed
        return drops
      }, url)
      expect([drops, got]).toEqual([['unreadable'], [{ text: 'behind it', binary: false }]])
    } finally {
      rmSync(dir, { recursive: true })
    }
  },
)
