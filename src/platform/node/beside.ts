/** What only the classes of `ws` can do, beside a `WebSocket` class of the user's that is none: refused by name. */
import { InvalidArgumentError } from '../../diagnostics/errors.js'
import type { NodeOptions } from '../../options/node-options.js'
import type { Options } from '../../options/options.js'
import { isWs } from './ws.js'

/** Throws InvalidArgumentError for what the class would leave undone, and nobody would notice. */
export function checkBeside(node: NodeOptions, { WebSocket, heartbeat }: Options): void {
  if (WebSocket === undefined || isWs(WebSocket)) return
  for (const [name, value] of Object.entries(node))
    if (value !== undefined && value !== false)
      throw new InvalidArgumentError(`node.${name}`, 'cannot be used with this WebSocket class')
  const message = typeof heartbeat === 'object' ? heartbeat.message : undefined
  if (heartbeat && message === undefined)
    throw new InvalidArgumentError('heartbeat', 'needs a message with this WebSocket class: it cannot ping')
}
