/** Codecs: conversion between an application's messages and WebSocket data. */
import type { Data, Sendable } from '../delivery/payload.js'
import { CodecError } from '../diagnostics/errors.js'

/** Converts between an application's messages and WebSocket data. `send()` accepts `In`; listeners receive `Out`. */
export interface Codec<In, Out> {
  /** Encodes a message. If it throws, `send()` throws a CodecError with the exception as `cause`. */
  encode(message: In): Sendable
  /** Decodes a message. If it throws, an `undecodable` event reports it; other messages are not affected. */
  decode(data: Data): Out
}

/** A codec that is also a function, which returns it with other types: `json<In, Out>()`. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON can be anything, as for JSON.parse()
export interface JsonCodec extends Codec<any, any> {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  <In = any, Out = In>(): Codec<In, Out>
}

const wire: Codec<unknown, unknown> = {
  encode(message) {
    const text = JSON.stringify(message) as string | undefined
    if (text === undefined)
      throw new TypeError('undefined, functions and symbols cannot be converted to JSON')
    return text
  },
  decode(data) {
    if (typeof data !== 'string') throw new TypeError('JSON must be text, not binary')
    return JSON.parse(data) as unknown
  },
}

/** Messages as JSON in text frames. */
export const json: JsonCodec = /* @__PURE__ */ Object.assign((() => wire) as JsonCodec, wire)

/** @throws CodecError if the codec cannot encode the message. */
export function encode(codec: Codec<unknown, unknown>, message: unknown): Sendable {
  try {
    return codec.encode(message)
  } catch (cause) {
    throw new CodecError('encoded', cause)
  }
}

/** @throws CodecError if the codec cannot decode the data. */
export function decode(codec: Codec<unknown, unknown>, data: Data): unknown {
  try {
    return codec.decode(data)
  } catch (cause) {
    throw new CodecError('decoded', cause)
  }
}
