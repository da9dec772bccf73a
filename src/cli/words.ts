/** Errors of the library in the words of the command, whose user knows its options and not those of the library. */
import type { InvalidArgumentError } from '../diagnostics/errors.js'

const words: readonly (readonly [of: string, own: string])[] = [
  ['retry.limit was', '--retry-limit was'],
  // before the wait that would exceed it
  ['retry.maxElapsed was reached', 'the outage would last longer than --retry-for'],
  ['(connectTimeout)', '(--connect-timeout)'],
  ['(closeTimeout)', '(--close-timeout)'],
  [', which is final unless retry.decide says otherwise', ', which is final'],
]

/** Arguments that have another name in the library. */
const names: Readonly<Record<string, string>> = {
  protocols: '--subprotocol',
  'node.headers': '--header',
  proxy: '--proxy',
  path: '--session-file',
  connectTimeout: '--connect-timeout',
  closeTimeout: '--close-timeout',
  'heartbeat.interval': '--heartbeat',
  'heartbeat.timeout': '--heartbeat-timeout',
}

/** How a connection ends with a server that has no sessions: it answers otherwise, with no subprotocol, or not at all. */
const foreign = /violated the session protocol|subprotocol|the hello has not finished/

/** The message for an argument that the library rejects. */
export function misuse({ argument, message }: InvalidArgumentError): string {
  return message.replace(argument, names[argument] ?? argument.replace(/^node\./, '--'))
}

/** @param session Whether the server has to speak the session protocol. */
export function reworded(message: string, session: boolean): string {
  const own = words.reduce((text, [from, to]) => text.replace(from, to), message)
  return session && foreign.test(own) ? `${own} (does it speak everopen sessions?)` : own
}
