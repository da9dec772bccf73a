/** Law 8, over the real socket and a simulated platform: random commands, exact accounts. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ReconnectingSocket } from '../../src/index.js'
import { settled } from '../sim/clock.js'
import type { SimLink, SimPlatform } from '../sim/platform.js'
import { catchReports, simulate } from '../sim/socket.js'
import type { SendOptions } from '../../src/delivery/sender.js'

type Call = 'connect' | 'reconnect' | 'close' | 'terminate'
type Fate =
  'open' | 'end' | 'fail' | 'free' | 'hold' | 'transmit one' | 'deaf' | 'throws' | 'pong' | 'message'

type Command =
  | { readonly do: 'send'; readonly options: SendOptions; readonly size: number }
  | { readonly do: 'call'; readonly what: Call }
  | { readonly do: 'link'; readonly what: Fate }
  | { readonly do: 'late'; readonly of: number; readonly what: Fate }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'hint' }
  | { readonly do: 'drain' }

const calls: Record<Call, (socket: ReconnectingSocket) => void> = {
  connect: (socket) => socket.connect(),
  reconnect: (socket) => socket.reconnect(),
  close: (socket) => socket.close(),
  terminate: (socket) => socket.terminate(),
}

const fates: Record<Fate, (link: SimLink) => void> = {
  open: (link) => void link.open(),
  end: (link) => link.end(1001),
  fail: (link) => link.fail(),
  free(link) {
    link.network = 'free'
    link.transmit()
  },
  hold: (link) => (link.network = 'held'),
  'transmit one': (link) => link.transmit(1),
  deaf: (link) => (link.ready = false),
  throws: (link) => (link.failure = new Error('no')),
  pong: (link) => link.pong(),
  message: (link) => link.message('x'),
}

const fate = fc.constantFrom(...(Object.keys(fates) as Fate[]))
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      options: fc.record(
        { maxAge: fc.constantFrom(0, 500, Infinity), volatile: fc.boolean() },
        { requiredKeys: [] },
      ),
      size: fc.integer({ min: 3, max: 12 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      what: fc.constantFrom(...(Object.keys(calls) as Call[])),
    }),
  },
  { weight: 5, arbitrary: fc.constant({ do: 'link' as const, what: 'open' as const }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('link' as const), what: fate }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('late' as const), of: fc.nat(10), what: fate }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(0, 25, 1_000, 30_000) }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ do: 'hint' as const }, { do: 'drain' as const }) },
)

/** What a live link may be told to do; one that was dropped only speaks. */
function act(platform: SimPlatform, what: Fate): void {
  const link = platform.links.at(-1)
  if (link?.drops === 0) fates[what](link)
}

test.each(['throw', 'drop-oldest', 'drop-newest'] as const)(
  'every message is exactly one of written, waiting, dropped or refused, in order: %s',
  async (overflow) => {
    // of pings that the platform throws at
    catchReports()
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 60, size: 'max' }), async (commands) => {
        const { socket, platform, clock } = simulate({
          retry: { backoff: () => 1_000 },
          outbox: { overflow, maxMessages: 6, maxBytes: 40, highWaterMark: 20, maxAge: 60_000 },
        })
        const accepted: string[] = []
        const dropped: string[] = []
        const drained: string[] = []
        socket.on('drop', ({ data }) => dropped.push(data as string))
        const written = (): string[] => platform.links.flatMap(({ sent }) => sent as string[])
        for (const [i, given] of commands.entries()) {
          if (given.do === 'advance') await clock.advance(given.ms)
          else if (given.do === 'call') calls[given.what](socket)
          else if (given.do === 'link') act(platform, given.what)
          else if (given.do === 'hint') platform.hint('probe')
          else if (given.do === 'drain') drained.push(...(socket.outbox.drain() as string[]))
          else if (given.do === 'late') {
            const old = platform.links.filter(({ drops }) => drops > 0)[given.of]
            // it can no longer transmit anything
            if (old && !['free', 'transmit one'].includes(given.what)) fates[given.what](old)
          } else {
            const data = String(i).padStart(3, '0').padEnd(given.size, '.')
            try {
              const result = socket.send(data, given.options)
              accepted.push(data)
              if (result === 'dropped') expect(dropped).toContain(data)
              if (result === 'queued') expect(dropped).not.toContain(data)
              if (result !== 'sent') expect(written()).not.toContain(data)
            } catch (error) {
              expect([overflow, error]).toMatchObject(['throw', { code: 'ERR_OUTBOX_FULL' }])
            }
          }
          const held = platform.live.flatMap((link) => link.unsent().map((message) => message.data as string))
          const waiting = socket.outbox.list() as string[]
          const inOrder = [...written(), ...held, ...waiting]
          expect([...inOrder, ...dropped, ...drained].sort()).toEqual([...accepted].sort())
          expect(inOrder).toEqual([...inOrder].sort())
          expect(platform.live.length).toBeLessThanOrEqual(1)
        }
        // and in the end nothing is lost: a healthy connection gets all that waits
        const waiting = socket.outbox.list()
        socket.terminate()
        const back = socket.outbox.list()
        expect(back.slice(back.length - waiting.length)).toEqual(waiting)
        socket.connect()
        await settled()
        platform.link.open()
        expect(platform.link.sent).toEqual(back)
        socket.terminate()
      }),
      { numRuns: 120 },
    )
  },
)
