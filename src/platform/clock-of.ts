/** The clock that a WebSocket class brings along, such as that of everopen/testing. */
import type { WebSocketClass } from '../options/options.js'
import type { Clock } from '../time/clock.js'
import type { Platform } from './platform.js'

/** The static member that holds it. */
export const CLOCK: unique symbol = Symbol.for('everopen.clock') as never

/** The platform, with the clock of the class that will dial. */
export function withClockOf(platform: Platform, Class: WebSocketClass | undefined): Platform {
  const { [CLOCK]: clock } = (Class ?? {}) as { [CLOCK]?: Clock }
  return clock ? (Object.create(platform, { clock: { value: clock } }) as Platform) : platform
}
