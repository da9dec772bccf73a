/** The protocol as it is. */
import { clientState, clientTransition } from '../../../src/session/protocol/client.js'
import { judge } from '../../../src/session/protocol/judge.js'
import { serverState, serverTransition } from '../../../src/session/protocol/server.js'
import { decode, encode, escape, isControl, unescape } from '../../../src/session/protocol/wire.js'

export const protocol = {
  clientState,
  clientTransition,
  serverState,
  serverTransition,
  judge,
  isControl,
  escape,
  unescape,
  encode,
  decode,
}
