/** The reports of a run, one record per event: the text and the JSON output are both made from these. */
import type { CloseDetail, EveropenError, OpenDetail } from '../index.js'
import { HandshakeError } from '../index.js'
import type { Data } from '../delivery/payload.js'
import type { LossReason } from '../session/index.js'
import type { CommandSocket } from './connect.js'
import type { HandshakeDetail } from '../platform/platform.js'
import { reworded } from './words.js'

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
      /** With a session file: number of messages that it keeps for the next run. */
      readonly kept?: number
      readonly error?: Failure
    }

/** The part of an error that may be shown: no stack, headers or body. */
export interface Failure {
  readonly code: string
  readonly message: string
  /** HTTP status, if the server answered with one. */
  readonly status?: number
}

/** The error with its causes, in one line. With a `session`, it may ask whether the server speaks its protocol. */
export function failureOf(error: Error, session = false): Failure {
  const messages: string[] = []
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    // if several addresses failed, the error has a code and no message
    const text = at.message || ((at as NodeJS.ErrnoException).code ?? at.name)
    if (!messages.some((message) => message.includes(text))) messages.push(text)
  }
  return {
    code: (error as EveropenError).code,
    message: reworded(messages.join(': '), session),
    ...(error instanceof HandshakeError && { status: error.status }),
  }
}

/** Reports all events of a socket. */
export function watch(
  socket: CommandSocket,
  tell: (record: CommandRecord) => void,
  failure: (error: Error) => Failure,
): void {
  socket.on('open', (detail) => {
    const { protocol, extensions, snapshot } = socket
    tell({ type: 'open', ...detail, endpoint: snapshot.endpoint!, protocol, extensions })
  })
  socket.on('message', (data) => tell({ type: 'message', data, number: socket.received }))
  socket.on('close', ({ cause, ...detail }) =>
    tell({ type: 'close', ...detail, ...(cause && { error: failure(cause) }) }),
  )
  socket.on('error', (error) => tell({ type: 'error', ...failure(error) }))
  socket.on('heartbeat', ({ rtt }) => tell({ type: 'heartbeat', rtt }))
}
