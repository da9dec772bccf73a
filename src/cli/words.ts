/** Errors of the library in the words of the command, whose user knows its options and not those of the library. */

const words: readonly (readonly [of: string, own: string])[] = [
  ['retry.limit was', '--retry-limit was'],
  // before the wait that would exceed it
  ['retry.maxElapsed was reached', 'the outage would last longer than --retry-for'],
  ['(connectTimeout)', '(--connect-timeout)'],
  ['(closeTimeout)', '(--close-timeout)'],
  [', which is final unless retry.decide says otherwise', ', which is final'],
]

/** How a connection ends with a server that has no sessions: it answers otherwise, with no subprotocol, or not at all. */
const foreign = /violated the session protocol|subprotocol|the hello has not finished/

/** @param session Whether the server has to speak the session protocol. */
export function reworded(message: string, session: boolean): string {
  const own = words.reduce((text, [from, to]) => text.replace(from, to), message)
  return session && foreign.test(own) ? `${own} (does it speak everopen sessions?)` : own
}
