/** Formats records as lines for a person. Messages are not among them, because they are the output itself. */
import { deliveryReport } from './exit.js'
import type { CommandRecord, Failure } from './record.js'

/** The code of an echo server that cannot listen. */
export const UNHEARD = 'ERR_LISTEN'

export type Tone = 'good' | 'bad' | 'quiet'

export interface Line {
  readonly text: string
  readonly tone: Tone
  /** The lowest verbosity at which it is shown. */
  readonly level: number
}

type Told = Exclude<CommandRecord, { type: 'message' }>

/** The line for a record, or undefined if there is nothing to report. */
export function describe(record: Told): Line | undefined {
  switch (record.type) {
    case 'dial':
      return line('quiet', 1, `dialing ${record.endpoint}`)
    case 'timings': {
      const { dns, tcp, tls, upgrade } = record
      const steps = Object.entries({ dns, tcp, tls, upgrade, total: dns + tcp + tls + upgrade })
      return line(
        'quiet',
        0,
        `timings: ${steps.map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`).join(', ')}`,
      )
    }
    case 'open': {
      const { protocol, extensions } = record
      const agreed = [protocol, extensions].filter((part) => part !== '').map((part) => printable(part))
      const what = `${record.reconnected ? 'reconnected' : 'connected'} to ${record.endpoint}`
      return line('good', 0, agreed.length === 0 ? what : `${what} (${agreed.join('; ')})`)
    }
    case 'close':
      return line(record.by === 'user' ? 'quiet' : 'bad', 0, `disconnected: ${ending(record)}`)
    case 'error':
      // nothing follows that would say why the server has ended
      return line('bad', record.code === UNHEARD ? -1 : 0, failure(record))
    case 'wait':
      return line('quiet', 0, `dialing again in ${seconds(record.ms)}`)
    case 'delivered':
      return line('quiet', 1, `message ${record.number} delivered`)
    case 'resumed':
      return line('quiet', 1, `session resumed; ${messages(record.missed)} sent again`)
    case 'lost':
      return line(
        'bad',
        record.messages === 0 ? 1 : 0,
        `session lost (${record.reason}); ${messages(record.messages)} may not have arrived`,
      )
    case 'heartbeat':
      return line('quiet', 1, `heartbeat answered after ${record.rtt.toFixed(1)} ms`)
    case 'ping':
    case 'pong':
      return line('quiet', 0, `received ${record.type}${record.payload && `: ${printable(record.payload)}`}`)
    case 'input':
      return line('bad', 0, record.problem)
    case 'listening':
      return line('good', 0, `listening on ${record.url}`)
    case 'accepted':
      return line('good', 0, `client ${record.client} connected`)
    case 'left':
      return line(
        'quiet',
        0,
        `client ${record.client} left: ${record.code} ${printable(record.reason)}`.trimEnd(),
      )
    case 'end': {
      const report = deliveryReport(record)
      const parts = [record.error && failure(record.error), report].filter(Boolean)
      // always shown, because it cannot be seen otherwise
      return parts.length === 0 ? undefined : line('bad', -1, parts.join('; '))
    }
  }
}

/** Describes how a connection ended. */
export function ending({ code, reason, error }: Extract<CommandRecord, { type: 'close' }>): string {
  const said = reason === '' ? '' : ` ${printable(reason)}`
  return `${code}${said}${error ? ` (${failure(error)})` : ''}`
}

function failure({ message }: Failure): string {
  return printable(message)
}

function line(tone: Tone, level: number, text: string): Line {
  return { text, tone, level }
}

function messages(count: number): string {
  return count === 1 ? '1 message' : `${count} messages`
}

/** A duration in its shortest form. */
export function seconds(ms: number): string {
  return ms < 9_950 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 1_000)} s`
}

/**
 * Makes text from outside safe for a terminal: control characters, which could move the cursor or worse, and marks that
 * change the writing direction are escaped.
 */
export function printable(text: string, keep = ''): string {
  return text.replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, (character) =>
    keep.includes(character) ? character : `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  )
}
