/** Options that need `ws`: rejected by name when another `WebSocket` class is given. */
import { InvalidArgumentError } from '../../diagnostics/errors.js'
import type { NodeOptions } from '../../options/node-options.js'
import type { Options } from '../../options/options.js'
import { isWs } from './ws.js'

/** Throws InvalidArgumentError for options that the class would ignore. */
export function checkBeside(node: NodeOptions, { WebSocket, heartbeat }: Options): void {
  if (WebSocket === undefined || isWs(WebSocket)) return
  for (const [name, value] of Object.entries(node))
    if (value !== undefined && value !== false)
      throw new InvalidArgumentError(`node.${name}`, 'cannot be used with this WebSocket class')
  const message = typeof heartbeat === 'object' ? heartbeat.message : undefined
  if (heartbeat && message === undefined)
    throw new InvalidArgumentError(
      'heartbeat',
      'needs a message, because this WebSocket class cannot send pings',
    )
}
