/** Frames that a server must not send: RFC 6455 section 5. */
import { CLOSE, closePayload, encode } from './raw-server.js'

/** A frame with any first byte: FIN, the reserved bits and the opcode; and with a mask, where servers send none. */
export function frame(first: number, payload: Buffer | string = '', mask?: Buffer): Buffer {
  const bytes = Buffer.from(payload)
  if (!mask) return Buffer.concat([Buffer.from([first, bytes.length]), bytes])
  for (let i = 0; i < bytes.length; i++) bytes[i]! ^= mask[i & 3]!
  return Buffer.concat([Buffer.from([first, 0x80 | bytes.length]), mask, bytes])
}

const INVALID_UTF8 = Buffer.from([0x61, 0xc3, 0x28])
const FIRST_OF_TWO_BYTES = Buffer.from('é').subarray(0, 1)

/** What it is, its bytes, and the close code that such a server deserves. */
export type Illegal = [what: string, bytes: Buffer, code: number]

const reservedOpcodes = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]
const forbiddenCodes = [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535]

export const illegalFrames: readonly Illegal[] = [
  ['masked', frame(0x81, 'hello', Buffer.from([1, 2, 3, 4])), 1002],
  ['RSV2', frame(0xa1, 'hello'), 1002],
  ['RSV3', frame(0x91, 'hello'), 1002],
  ...reservedOpcodes.map((opcode): Illegal => [
    `the reserved opcode ${opcode}`,
    frame(0x80 | opcode, 'hello'),
    1002,
  ]),
  ['a continuation of nothing', frame(0x80, 'hello'), 1002],
  ['a message within a message', Buffer.concat([frame(0x01, 'hel'), frame(0x81, 'lo')]), 1002],
  ['a fragmented ping', frame(0x09, 'hello'), 1002],
  ['a ping of 126 bytes', encode(9, Buffer.alloc(126)), 1002],
  ['a length of 2⁶³', Buffer.from([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]), 1009],
  ['invalid UTF-8', frame(0x81, INVALID_UTF8), 1007],
  ['half a character', Buffer.concat([frame(0x01, 'a'), frame(0x80, FIRST_OF_TWO_BYTES)]), 1007],
  ['Close with a payload of one byte', frame(0x88, 'x'), 1002],
  [
    'Close with a reason of invalid UTF-8',
    frame(0x88, Buffer.concat([closePayload(1000), INVALID_UTF8])),
    1007,
  ],
  ['a fragmented Close', frame(0x08, closePayload(1000)), 1002],
  ...forbiddenCodes.map((code): Illegal => [
    `Close with the forbidden code ${code}`,
    encode(CLOSE, closePayload(code, 'bye')),
    1002,
  ]),
]
