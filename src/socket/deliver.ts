/** Passes an incoming message to the listeners. */
import type { Data } from '../delivery/payload.js'
import type { CodecError } from '../diagnostics/errors.js'
import { type Codec, decode } from '../options/codec.js'
import type { Emitter } from './emitter.js'
import type { NodeEvents } from './events.js'

/** Emits the message, raw and decoded; or reports that it cannot be decoded. */
export function deliver(
  emitter: Emitter<NodeEvents>,
  codec: Codec<unknown, unknown> | undefined,
  data: Data,
): void {
  if (emitter.heeds('data')) emitter.tell('data', { opcode: typeof data === 'string' ? 1 : 2, data })
  if (!codec) return emitter.message(data)
  let message: unknown
  try {
    message = decode(codec, data)
  } catch (error) {
    return emitter.emit('undecodable', { data, error: error as CodecError })
  }
  emitter.message(message)
}
