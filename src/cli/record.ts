/** What is told of a run, one record for each event: the text and the JSON output are both made from these. */
import type { CloseDetail, EveropenError, OpenDetail } from '../index.js'
import { HandshakeError } from '../index.js'
import type { Data } from '../delivery/payload.js'
import type { LossReason } from '../session/index.js'
import type { DropReason } from '../diagnostics/log.js'
import type { CommandSocket } from './connect.js'
import type { HandshakeDetail } from '../platform/platform.js'

export type CommandRecord =
  | { readonly type: 'dial'; readonly endpoint: string; readonly attempt: number }
  | ({ readonly type: 'timings' } & HandshakeDetail['timings'])
  | (OpenDetail & {
      readonly type: 'open'
      readonly endpoint: string
      readonly protocol: string
      readonly extensions: string
    })
  | {
      readonly type: 'message'
      readonly data: Data
      /** With a session. */ readonly number?: number | undefined
    }
  | (Omit<CloseDetail, 'cause'> & { readonly type: 'close'; readonly error?: Failure })
  | ({ readonly type: 'error' } & Failure)
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'drop'; readonly reason: DropReason }
  | { readonly type: 'delivered'; readonly number: number }
  | { readonly type: 'resumed'; readonly missed: number }
  | { readonly type: 'lost'; readonly reason: LossReason; readonly messages: number }
  | { readonly type: 'heartbeat'; readonly rtt: number }
  | { readonly type: 'ping' | 'pong'; readonly payload: string }
  | { readonly type: 'input'; readonly problem: string }
  | { readonly type: 'listening'; readonly url: string }
  | { readonly type: 'accepted'; readonly client: number; readonly protocol: string }
  | { readonly type: 'left'; readonly client: number; readonly code: number; readonly reason: string }
  | {
      readonly type: 'end'
      readonly status: number
      readonly undelivered: number
      readonly inDoubt: number
      /** With a session file: messages that it keeps for the next run. */
      readonly kept?: number
      readonly error?: Failure
    }

/** An error as it may be shown: no stack, no headers, no body. */
export interface Failure {
  readonly code: string
  readonly message: string
  /** HTTP status, where the server answered with one. */
  readonly status?: number
}

/** The error with its causes, in a line. */
export function failureOf(error: Error): Failure {
  const messages: string[] = []
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    // several addresses that all failed: their error has a code and no message
    const text = at.message || ((at as NodeJS.ErrnoException).code ?? at.name)
    if (!messages.some((message) => message.includes(text))) messages.push(text)
  }
  return {
    code: (error as EveropenError).code,
    message: messages.join(': '),
    ...(error instanceof HandshakeError && { status: error.status }),
  }
}

/** Reports everything that a socket does. */
export function watch(socket: CommandSocket, tell: (record: CommandRecord) => void): void {
  socket.on('open', (detail) => {
    const { protocol, extensions, snapshot } = socket
    tell({ type: 'open', ...detail, endpoint: snapshot.endpoint!, protocol, extensions })
  })
  socket.on('message', (data) => tell({ type: 'message', data, number: socket.received }))
  socket.on('close', ({ cause, ...detail }) =>
    tell({ type: 'close', ...detail, ...(cause && { error: failureOf(cause) }) }),
  )
  socket.on('error', (error) => tell({ type: 'error', ...failureOf(error) }))
  socket.on('drop', ({ reason }) => tell({ type: 'drop', reason }))
  socket.on('heartbeat', ({ rtt }) => tell({ type: 'heartbeat', rtt }))
}
