/** How a socket meets a server that breaks the rules. */
import { inspect } from 'node:util'
import { expect } from 'vitest'
import { type LogRecord, type Options, ReconnectingSocket, trace } from '../../src/index.js'
import { type RawConnection, type RawServer, serve } from './raw-server.js'
import { nothingLeft, record, type Recorder } from './record.js'

export const SECRET = 'hunter2'
const soon = { backoff: () => 1 }

/** Everything that a socket said of what went wrong. */
export interface Account {
  readonly seen: Recorder
  readonly log: readonly LogRecord[]
  readonly server: RawServer
}

/**
 * Lets the first connection meet `script`, and those after it a good server. The socket has a secret in its query and
 * one in a header. Its events must be exactly `words`, after which it is closed and must leave nothing.
 */
export async function meet(
  script: (connection: RawConnection) => void,
  words: readonly string[],
  options: Options = {},
  look: (account: Account) => void | Promise<void> = () => {},
): Promise<void> {
  const server = await serve((connection, n) => void (n === 0 ? script(connection) : connection.accept()))
  const log: LogRecord[] = []
  const socket = new ReconnectingSocket(`${server.url}?token=${SECRET}`, {
    retry: soon,
    ...options,
    node: { headers: { authorization: `Bearer ${SECRET}` }, ...options.node },
    log: (entry) => log.push(entry),
  })
  const seen = record(socket)
  const stays = words.at(-1)!.startsWith('open ')
  if (stays) await seen.until('open', words.filter((word) => /^open \d/.test(word)).length)
  else await socket.closed
  expect(seen.words).toEqual(words)
  await look({ seen, log, server })
  tellsNoSecret(seen, log)
  socket.close()
  await socket.closed
  expect(seen.words).toEqual(stays ? [...words, ...closedByUser] : words)
  await nothingLeft(socket, server)
}

/** No error, down to its last cause, and no record of the log holds the query, a header, or the key of the handshake. */
export function tellsNoSecret(seen: Recorder, log: readonly LogRecord[]): void {
  expect(log.length).toBeGreaterThan(0)
  const lines: string[] = []
  for (const entry of log) trace((line) => lines.push(line))(entry)
  const errors = [...seen.of('error'), ...seen.of('close').map(({ cause }) => cause)]
  const told = [inspect(errors, { depth: 10 }), JSON.stringify(errors), inspect(log), ...lines].join('\n')
  for (const secret of [SECRET, 'token=', 'Bearer', 'authorization']) expect(told).not.toContain(secret)
}

const closedByUser = ['open → closing', 'closing → closed', 'close 1005 (user, clean, final)']

/** The words for a connection that opened, was lost to the network, and was followed by another. */
export const openedAndLost = [
  'connecting → open',
  'open 0',
  'open → connecting',
  'close 1006 (network, unclean, retries)',
  'connecting → open',
  'open 1 again',
]

/** The words for a dial that failed, and one that did not. */
export const failedAndOpen = (code: string): string[] => [`error ${code}`, 'connecting → open', 'open 1']
