/** What an application calls a message, and how that goes over the wire. */
import type { Data, Sendable } from '../delivery/payload.js'
import { CodecError } from '../diagnostics/errors.js'

/** Between an application's messages and what is sent. Typed end to end: `send()` takes `In`, listeners get `Out`. */
export interface Codec<In, Out> {
  /** What to send for a message. What it throws, `send()` throws as the `cause` of a CodecError. */
  encode(message: In): Sendable
  /** The message that has arrived. What it throws is told by an `undecodable` event, and loses nothing else. */
  decode(data: Data): Out
}

/** A codec as it is, and a function that gives it with types: `json<In, Out>()`. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON can be anything, as for JSON.parse()
export interface JsonCodec extends Codec<any, any> {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  <In = any, Out = In>(): Codec<In, Out>
}

const wire: Codec<unknown, unknown> = {
  encode(message) {
    const text = JSON.stringify(message) as string | undefined
    if (text === undefined) throw new TypeError('there is no JSON for undefined, a function or a symbol')
    return text
  },
  decode(data) {
    if (typeof data !== 'string') throw new TypeError('JSON is text, and this is binary')
    return JSON.parse(data) as unknown
  },
}

/** Messages as JSON in text frames. */
export const json: JsonCodec = /* @__PURE__ */ Object.assign((() => wire) as JsonCodec, wire)

/** Throws CodecError for what the codec cannot encode. */
export function encode(codec: Codec<unknown, unknown>, message: unknown): Sendable {
  try {
    return codec.encode(message)
  } catch (cause) {
    throw new CodecError('encoded', cause)
  }
}

/** Throws CodecError for what the codec cannot decode. */
export function decode(codec: Codec<unknown, unknown>, data: Data): unknown {
  try {
    return codec.decode(data)
  } catch (cause) {
    throw new CodecError('decoded', cause)
  }
}
