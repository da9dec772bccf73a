/** Records as JSON, one object a line. */
import type { CommandRecord } from './record.js'

/** A message that is text has `data`, a binary one has `base64`. */
export function toJson(record: CommandRecord, at: Date): string {
  const time = at.toISOString()
  if (record.type !== 'message') return JSON.stringify({ time, ...record })
  const { type, data, number } = record
  return JSON.stringify(
    typeof data === 'string'
      ? { time, type, data, number }
      : { time, type, base64: Buffer.from(data as ArrayBuffer).toString('base64'), number },
  )
}
