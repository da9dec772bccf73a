/** A platform socket in the hands of a test. */
import { expect } from 'vitest'
import type { ReconnectingWebSocket } from '../../src/websocket/websocket.js'
import { FakeWebSocket } from '../sim/websocket.js'
import { next } from './harness.js'

export class Platform extends FakeWebSocket {
  static last: Platform

  /** Opens the connection that is being dialed. */
  static async open(socket: ReconnectingWebSocket): Promise<typeof Platform> {
    const opened = next(socket, 'open')
    await expect.poll(() => Platform.last.readyState).toBe(0)
    Platform.last.readyState = 1
    Platform.last.onopen()
    await opened
    return Platform
  }

  // each test sets what it tells by
  override onopen: () => void = () => {}
  override onmessage: (event: object) => void = () => {}
  override onclose: (event: object) => void = () => {}

  constructor() {
    super()
    Object.assign(Platform, { last: this })
  }
}
