/** Whom a connection belongs to, and what it tells. */
import type { Data, Sendable } from '../delivery/payload.js'
import type { End, Input } from '../machine/state.js'
import type { Settings } from '../options/settings.js'
import type { Platform, Reports } from '../platform/platform.js'
import type { Endpoints } from '../retry/endpoints.js'
import type { Patience } from './patience.js'

/** What is told of an attempt carries its identity. */
export interface Audience {
  /** The attempt has come to its next phase. */
  feed(input: Extract<Input, { type: 'prepared' | 'connected' | 'opened' }>): void
  ended(id: number, end: End): void
  message(id: number, data: Data): void
  /** A reply to a ping, `rtt` ms after it. */
  beat(rtt: number): void
  /** What not every platform can tell. */
  report<K extends keyof Reports>(id: number, type: K, detail: Reports[K]): void
  /** A message that was handed over cannot be sent. */
  lost(data: Sendable): void
  /** Sending may go on: a ping was answered, or the platform has room again. */
  flow(): void
}

export interface Owner extends Audience {
  readonly settings: Settings
  readonly platform: Platform
  readonly endpoints: Endpoints
  readonly patience: Patience
  readonly binaryType: 'arraybuffer' | 'blob'
  /** Whether reading should be stopped. */
  readonly paused: boolean
}
