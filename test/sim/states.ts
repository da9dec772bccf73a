/** A socket in each state and phase that there is, by the shortest way. */
import type { Options } from '../../src/index.js'
import { settled } from './clock.js'
import { open, simulate, type Simulated } from './socket.js'

const never = new Promise<never>(() => {})
const slow: Options = { retry: { backoff: () => 1_000 } }
const undecided: Options = { retry: { decide: () => never } }

/** Every state, and every phase in which something else is owned or owed. */
export const places = [
  'idle',
  'preparing',
  'dialing',
  'greeting',
  'waiting',
  'deciding after a dial',
  'deciding after a connection',
  'open',
  'closing',
  'closing to dial again',
  'closing to start anew',
  'closed',
] as const

export type Place = (typeof places)[number]

const ways: Record<Place, (options: Options) => Promise<Simulated>> = {
  idle: async (options) => simulate({ ...slow, ...options, autoConnect: false }),
  preparing: async (options) => simulate({ ...slow, ...options }, () => never),
  async dialing(options) {
    const simulated = simulate({ ...slow, ...options })
    await settled()
    return simulated
  },
  async greeting(options) {
    const simulated = await ways.dialing({ hello: () => never, ...options })
    simulated.link.open()
    return simulated
  },
  async waiting(options) {
    const simulated = await ways.dialing(options)
    simulated.link.fail()
    return simulated
  },
  async 'deciding after a dial'(options) {
    const simulated = await ways.dialing({ ...options, ...undecided })
    simulated.link.fail()
    return simulated
  },
  async 'deciding after a connection'(options) {
    const simulated = await open({ ...options, ...undecided })
    simulated.link.end(1001)
    return simulated
  },
  open: (options) => open({ ...slow, ...options }),
  async closing(options) {
    const simulated = await ways.open(options)
    simulated.socket.close()
    return simulated
  },
  async 'closing to dial again'(options) {
    const simulated = await ways.open(options)
    simulated.socket.reconnect()
    return simulated
  },
  async 'closing to start anew'(options) {
    const simulated = await ways.open(options)
    simulated.socket.close()
    simulated.socket.connect()
    return simulated
  },
  async closed(options) {
    const simulated = simulate({ ...slow, ...options })
    simulated.socket.close()
    return simulated
  },
}

/** A socket in that place, with what it said on the way forgotten. */
export async function reach(place: Place, options: Options = {}): Promise<Simulated> {
  const simulated = await ways[place](options)
  simulated.said()
  return simulated
}

/** What it owns: nothing, in `idle` and `closed`. */
export function owned({ platform, clock }: Simulated): Record<string, number> {
  return { timers: clock.timers.length, links: platform.live.length, hints: platform.listening }
}

export const nothing = { timers: 0, links: 0, hints: 0 }
