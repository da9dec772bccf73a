/**
 * Shows that the fuzz can find what it is for: the faults of guesses, planted one by one into a copy of the sources, are
 * caught within a few runs.
 */
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { plantIn, type Change } from '../planted.js'
import { run, type SocketClass } from './run.js'
import { script } from './script.js'
import { Wrong } from './wrong.js'

const BELIEVED = 'the class of ws is believed what it says of writes under way'

const bugs: Readonly<Record<string, readonly Change[]>> = {
  'what the kernel refuses at once counts as sent': [
    ['platform/node/counted.ts', 'if (!this.#stream.writable) return false', ''],
    ['platform/node/counted.ts', 'this.#refused = Math.min(this.#refused, this.#gathered)', ';'],
  ],
  'what ws holds for compression or a Blob counts as sent': [
    [
      'platform/node/counted.ts',
      "...[...this.#held].filter((held) => held.kind === 'message' && held !== this.#unreadable),",
      '',
    ],
  ],
  'what the stream queues counts as sent': [
    ['platform/node/counted.ts', '...this.#queued.since(given),', ''],
  ],
  'what is under way counts as not sent': [
    [
      'platform/node/counted.ts',
      'if (!this.#prompt) this.#prompted = { end: this.#end, before }',
      'this.#remember({ data: copyOf(data), expires: Infinity, start: before, before })',
    ],
    ['platform/node/counted.ts', 'this.#queued.since(given)', 'this.#queued.since(0)'],
  ],
  'room is told of within a send': [
    [
      'platform/node/counted.ts',
      'this.#write()\n      this.#gather()',
      'this.#write()\n      this.#settle()\n      this.#gather()',
    ],
  ],
  'control frames are not counted': [
    [
      'platform/node/counted.ts',
      'this.#end += sizeOf(chunk)',
      'if (sizeOf(chunk) !== 6 && sizeOf(chunk) !== 14) this.#end += sizeOf(chunk)',
    ],
  ],
  'a Blob whose write fails is unreadable': [
    [
      'platform/node/counted.ts',
      "if (first && error && isBlob(held.data) && kind === 'message' && !this.#stream.destroyed)",
      'if (error && isBlob(held.data))',
    ],
  ],
  'buffers are kept as they are, and not as they were': [
    ['platform/node/counted.ts', 'this.#remember({ data: keep(data),', 'this.#remember({ data,'],
    [
      'delivery/sender.ts',
      'const message = { data: copyOf(data), expires }',
      'const message = { data, expires }',
    ],
  ],
  [BELIEVED]: [
    ['platform/node.ts', 'return isWs(WebSocket)', 'return false as boolean'],
    ['platform/node.ts', 'new WholeWrites()', 'new Latest()'],
    ['platform/node.ts', 'import { WholeWrites }', 'import { Latest }'],
  ],
  'what comes back goes behind what waits': [
    ['delivery/queue.ts', 'this.#items = [...items, ...this]', 'this.#items = [...this, ...items]'],
  ],
  'what comes back is forgotten': [['delivery/sender.ts', 'this.#outbox.restore(', 'void (']],
}

const load = plantIn<{ ReconnectingSocket: SocketClass }>({
  src: 'src',
  entry: 'src/socket/socket.ts',
  platform: 'node',
  packages: 'external',
  alias: { '#platform': fileURLToPath(new URL('../../src/platform/node.ts', import.meta.url)) },
})

/** Each run by its seed. Over a class with the standard's interface nobody can be told of a certificate or a proxy. */
const seeds = (name: string): number[] =>
  Array.from({ length: 1_200 }, (_, i) => i + 1)
    .filter((seed) => name !== BELIEVED || script(seed).transport === 'tcp')
    .slice(0, 400)

/** Runs until the accounts do not balance. */
async function hunt(
  Socket: SocketClass,
  from: readonly number[],
): Promise<{ reason: unknown; seed: number } | undefined> {
  for (let i = 0; i < from.length; i += 4) {
    const lanes = await Promise.allSettled(from.slice(i, i + 4).map((seed) => run(Socket, seed)))
    for (const [lane, result] of lanes.entries())
      if (result.status === 'rejected') return { reason: result.reason, seed: from[i + lane]! }
  }
  return undefined
}

describe('planted bugs are caught', () => {
  for (const [name, changes] of Object.entries(bugs)) {
    test(name, { timeout: 400_000 }, async () => {
      const { ReconnectingSocket } = await load(name, changes)
      const finding = await hunt(ReconnectingSocket, seeds(name))
      console.log(`${name} — ${finding?.reason as Error}, seed ${finding?.seed}`)
      // not that a planted socket cannot connect at all
      expect(finding?.reason).toBeInstanceOf(Wrong)
    })
  }
})
