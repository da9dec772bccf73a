/** What a WebSocket class brings along in place of the platform's own, such as the clock of everopen/testing. */
import type { WebSocketClass } from '../options/options.js'
import type { Platform } from './platform.js'

/** The static member that holds it. */
export const PLATFORM: unique symbol = Symbol.for('everopen.platform') as never

/** The platform, with what the class that will dial brings along. */
export function withPlatformOf(platform: Platform, Class: WebSocketClass | undefined): Platform {
  const { [PLATFORM]: parts } = (Class ?? {}) as { [PLATFORM]?: PropertyDescriptorMap }
  return parts ? (Object.create(platform, parts) as Platform) : platform
}
