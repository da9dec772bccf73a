/** A run of the command as a client: from the first attempt to the exit status. */
import type { ConnectConfig } from './config.js'
import { type CommandSocket, prepare } from './connect.js'
import { Delivery, type Deliverer } from './delivery.js'
import { type Outcome, statusOf } from './exit.js'
import type { Interrupt } from './interrupt.js'
import type { Output } from './output.js'
import { failureOf, type CommandRecord, type Failure, watch } from './record.js'
import type { Reporter } from './reporter.js'
import { SessionDelivery } from './session-delivery.js'

export interface Conversation {
  readonly config: ConnectConfig
  readonly socket: CommandSocket
  readonly delivery: Deliverer
  readonly tell: (record: CommandRecord) => void
  readonly ping: () => void
  /** Starts to connect, unless it has already. */
  readonly connect: () => void
  /** Resolves when the run is to end early. */
  readonly interrupted: Promise<void>
}

/** What is done with a socket. It may resolve with a function to call when the socket is closed. */
export type Work = (conversation: Conversation) => Promise<void | (() => Promise<void>)>

/**
 * Runs `work` with a socket, ends the connection, and returns the exit status. May throw UsageError, but only before.
 */
export async function converse(
  config: ConnectConfig,
  reporter: Reporter,
  output: Output,
  interrupt: Interrupt,
  work: Work,
): Promise<number> {
  const tell = (record: CommandRecord): void => reporter.tell(record)
  const prepared = await prepare(config, {
    log(record) {
      reporter.log(record)
      if (record.type === 'dial') tell({ type: 'dial', endpoint: record.endpoint, attempt: record.attempt })
      if (record.type === 'transition' && record.dialIn !== undefined) waitIn = record.dialIn
    },
    timings: (timings) => config.timings && tell({ type: 'timings', ...timings }),
    control: (type, payload) =>
      config.showPings && tell({ type, payload: Buffer.from(payload).toString('latin1') }),
  })
  const { ping } = prepared
  const failure = (error: Error): Failure => failureOf(error, prepared.session)
  const socket: CommandSocket = prepared.socket
  const delivery: Deliverer = prepared.session
    ? new SessionDelivery(prepared.socket, {
        store: prepared.store,
        each: config.verbosity > 0,
        tell,
      })
    : new Delivery(prepared)
  let opened = false
  let waitIn: number | undefined
  socket.on('open', () => (opened = true))
  // an async iteration ends with its run
  socket.on('state', ({ from }) => {
    if (from === 'idle' || from === 'closed') void follow(socket, output)
  })
  watch(socket, tell, failure)
  // after the event with the reason
  socket.subscribe(() => {
    if (waitIn !== undefined) tell({ type: 'wait', ms: waitIn })
    waitIn = undefined
  })

  const conversation: Conversation = {
    config,
    socket,
    delivery,
    tell,
    ping,
    connect() {
      if (socket.state !== 'idle' && socket.state !== 'closed') return
      socket.connect()
    },
    interrupted: interrupt.first,
  }
  // after an interrupt, messages are still sent if --drain allows it; another interrupt ends that too
  const count = await work(conversation)
  const asked = socket.state !== 'closed'
  delivery.finish()
  const end = await socket.closed
  await count?.()
  delivery.stop()

  const inOrder =
    asked || end.by === 'user' || (config.retry === false && end.by === 'peer' && end.code === 1000)
  const { undelivered, inDoubt, kept } = delivery
  const outcome: Outcome = { signal: interrupt.status, opened, undelivered, inDoubt, kept, inOrder }
  const status = statusOf(outcome)
  const error = inOrder || !end.cause ? undefined : failure(end.cause)
  tell({
    type: 'end',
    status,
    undelivered,
    inDoubt,
    ...(kept !== undefined && { kept }),
    ...(error && { error }),
  })
  return status
}

/** Reads from the network no faster than the output is consumed. */
async function follow(socket: CommandSocket, output: Output): Promise<void> {
  for await (const _ of socket) await output.room()
}
