/** A ReconnectingSocket with options for Node, and the raw server that it meets. */
import { onTestFinished } from 'vitest'
import type { NodeEvents, NodeOptions } from '../../../src/index.js'
import { type Options, ReconnectingSocket } from '../../../src/index.js'
import { type RawConnection, type RawServer, serve } from '../../faults/raw-server.js'

/** A raw server for this test, which accepts or does as it is told. */
export async function raw(
  script: (connection: RawConnection, n: number) => void = (one) => void one.accept(),
): Promise<RawServer> {
  const server = await serve(script)
  onTestFinished(() => server.stop())
  return server
}

/** A socket for this test. */
export function dial(
  url: string,
  node: NodeOptions = {},
  options: Omit<Options, 'node'> = {},
): ReconnectingSocket<NodeEvents> {
  const socket = new ReconnectingSocket<NodeEvents>(url, { retry: false, ...options, node })
  onTestFinished(() => {
    socket.terminate()
  })
  return socket
}

/** Dials, and gives the lines of the request that came, without those of the handshake itself. */
export async function request(node: NodeOptions, server?: RawServer): Promise<string[]> {
  const target = server ?? (await raw())
  const socket = dial(target.url, node)
  await socket.opened
  return own(await (await target.connection(0)).request)
}

/** The lines of a request's head but for those of every handshake. */
export const own = (head: string): string[] =>
  head
    .split('\r\n')
    .slice(1)
    .filter((line) => !/^(host: 127|connection|upgrade|sec-websocket)/i.test(line))

/** How an attempt failed: the error, and what is beneath it. */
export async function failure(socket: ReconnectingSocket<NodeEvents>): Promise<Error> {
  const { cause } = await socket.closed
  if (!cause) throw new Error('it did not fail')
  return cause
}
