/** A platform socket in the hands of a test. */
import { expect, vi } from 'vitest'
import type { ReconnectingWebSocket } from '../../src/websocket/websocket.js'
import { next } from './harness.js'

export class Platform {
  static last: Platform

  /** Opens the connection that is being dialed. */
  static async open(socket: ReconnectingWebSocket): Promise<typeof Platform> {
    const opened = next(socket, 'open')
    await vi.waitFor(() => expect(Platform.last.readyState).toBe(0), 15_000)
    Platform.last.readyState = 1
    Platform.last.onopen()
    await opened
    return Platform
  }

  readonly sent: unknown[] = []
  readonly protocol = ''
  readonly extensions = ''
  readyState = 0
  binaryType = 'blob'
  bufferedAmount = 0
  onopen: () => void = () => {}
  onmessage: (event: object) => void = () => {}
  onclose: (event: object) => void = () => {}

  constructor() {
    Object.assign(Platform, { last: this })
  }

  send(data: unknown): void {
    this.sent.push(data)
  }

  close(): void {}
}
