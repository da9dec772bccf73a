/** Peers whose modules Node cannot import by name: they are written for CommonJS, or for a page. */
import { createRequire } from 'node:module'
import type SarusClass from '@anephenix/sarus'
import type SturdyClass from 'sturdy-websocket'

const require = createRequire(import.meta.url)
const scope = globalThis as { navigator?: { onLine?: boolean } }
scope.navigator ??= { onLine: true }

export const { default: Sarus } = require('@anephenix/sarus') as { default: typeof SarusClass }
export const { default: SturdyWebSocket } = require('sturdy-websocket') as { default: typeof SturdyClass }
export const RobustWebSocket = require('robust-websocket') as {
  new (url: string, protocols: null, options: object): unknown
  /** Read once, before a socket can be told. */
  readonly prototype: { binaryType: string }
}
RobustWebSocket.prototype.binaryType = 'arraybuffer'
