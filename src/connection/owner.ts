/** The owner of a connection, and the events it receives. */
import type { Data, Sendable } from '../delivery/payload.js'
import type { End, Input } from '../machine/state.js'
import type { Settings } from '../options/settings.js'
import type { Platform, Reports } from '../platform/platform.js'
import type { Endpoints } from '../retry/endpoints.js'
import type { Patience } from './patience.js'

/** Receives the events of an attempt, with the attempt's identity. */
export interface Audience {
  /** The attempt has reached its next phase. */
  feed(input: Extract<Input, { type: 'prepared' | 'connected' | 'opened' }>): void
  ended(id: number, end: End): void
  message(id: number, data: Data): void
  /** A ping was answered after `rtt` ms. */
  beat(rtt: number): void
  /** An event that only some platforms have. */
  report<K extends keyof Reports>(id: number, type: K, detail: Reports[K]): void
  /** A message that was handed to the platform cannot be sent. */
  lost(data: Sendable): void
  /** Sending may continue: a ping was answered, or the platform has room again. */
  flow(): void
}

export interface Owner extends Audience {
  readonly settings: Settings
  readonly platform: Platform
  readonly endpoints: Endpoints
  readonly patience: Patience
  readonly binaryType: 'arraybuffer' | 'blob'
  /** Whether reading should be paused. */
  readonly paused: boolean
}
