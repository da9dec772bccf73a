/** A platform's WebSocket class in the hands of a test: it does nothing by itself, right or wrong. */
import type { Data } from '../../src/delivery/payload.js'

/**
 * The members of the standard, as plain fields. For a class that behaves, there is the test kit's server: this one is for
 * what no server brings about, such as a `bufferedAmount` that lies.
 */
export class FakeWebSocket {
  readyState = 0
  binaryType = 'blob'
  protocol = ''
  extensions = ''
  bufferedAmount = 0
  onopen: (() => void) | null = null
  onmessage: ((event: { data: Data }) => void) | null = null
  onerror: ((event: { error?: unknown }) => void) | null = null
  onclose: ((event: { code: number; reason: string; wasClean: boolean }) => void) | null = null
  readonly sent: unknown[] = []

  send(data: unknown): void {
    this.sent.push(data)
  }

  close(..._: unknown[]): void {}
}
