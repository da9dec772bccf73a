/**
 * Human-readable log output.
 *
 *     new ReconnectingSocket(url, { log: trace() })
 */
import type { LogRecord } from './log.js'

/**
 * Returns a `log` function that writes one line for each record.
 * @param write Writes a line. Default `console.log`.
 */
export function trace(
  write: (line: string) => void = (line) => console.log(line),
): (record: LogRecord) => void {
  return (record) => write(`${new Date(record.at).toISOString().slice(11, 23)} everopen ${describe(record)}`)
}

function describe(record: LogRecord): string {
  switch (record.type) {
    case 'transition': {
      const phase = record.phase === undefined ? '' : ` (${record.phase})`
      const wait = record.dialIn === undefined ? '' : `, next dial in ${Math.round(record.dialIn)} ms`
      return `${record.from} → ${record.to}${phase}${wait}`
    }
    case 'dial':
      return `dial ${record.endpoint}, attempt ${record.attempt}`
    case 'end': {
      const { message = '', cause: below = '' } = record
      // the message of a ConnectionError already contains the code
      const cause = message.includes(below) ? '' : ` (${below})`
      const error = record.error === undefined ? '' : ` ${record.error}: ${record.message}${cause}`
      return `ended by ${record.by}: ${record.code}${record.wasClean ? ', clean' : ''}${error} → ${record.verdict}`
    }
    case 'hint':
      return `hint: ${record.hint}`
    case 'heartbeat':
      return `heartbeat answered after ${record.rtt.toFixed(1)} ms`
    case 'drop':
      return `dropped ${record.bytes} bytes: ${record.reason}`
  }
}
