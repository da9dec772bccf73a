/** One Connection over a simulated platform, and what its owner hears. */
import { Patience } from '../../src/connection/patience.js'
import { Connection } from '../../src/connection/connection.js'
import type { Owner } from '../../src/connection/owner.js'
import type { End, Target } from '../../src/machine/state.js'
import type { Endpoint, Options } from '../../src/options/options.js'
import type { Message } from '../../src/delivery/outbox.js'
import { Endpoints } from '../../src/retry/endpoints.js'
import { readSettings } from '../../src/options/settings.js'
import { type Abilities, SimPlatform } from './platform.js'
import { URL_A } from './socket.js'
import type { Provider } from '../../src/options/provider.js'

export const target: Target = { url: URL_A, protocols: undefined }

/** Not dialed yet. */
export function start(options: Options = {}, url: Provider<Endpoint> = URL_A, able?: Partial<Abilities>) {
  const platform = new SimPlatform()
  // a heartbeat's interval is never shortened
  platform.random = () => 1
  if (able) platform.able = able
  const told: string[] = []
  const ends: End[] = []
  const targets: Target[] = []
  const world = { reading: 'on' as 'on' | 'off', binaryType: 'arraybuffer' as 'arraybuffer' | 'blob' }
  const owner: Owner = {
    settings: readSettings(url, options),
    platform,
    endpoints: new Endpoints(),
    patience: new Patience(),
    get binaryType() {
      return world.binaryType
    },
    get paused() {
      return world.reading === 'off'
    },
    feed: (input) => {
      told.push(input.type)
      if (input.type === 'prepared') targets.push(input.target)
    },
    ended: (_, end) => {
      told.push('ended')
      ends.push(end)
    },
    message: (_, data) => void told.push(`message ${String(data)}`),
    beat: (rtt) => void told.push(`beat ${rtt}`),
    report: (_, type) => void told.push(`report ${type}`),
    lost: (data) => void told.push(`lost ${String(data)}`),
    flow: () => void told.push('flow'),
  }
  const connection = new Connection(owner, 1)
  return {
    connection,
    owner,
    platform,
    clock: platform.clock,
    world,
    ends,
    targets,
    /** What it told since the last look. */
    told: () => told.splice(0),
    get link() {
      return platform.link
    },
  }
}

/** The same, dialed and open. */
export function open(options: Options = {}, able?: Partial<Abilities>) {
  const started = start(options, URL_A, able)
  started.connection.dial(target)
  started.link.open()
  started.connection.establish()
  started.told()
  return started
}

export const message = (data: string): Message => ({ data, expires: Infinity })
