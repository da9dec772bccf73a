/** Parses the values of options. Each function throws UsageError with the name of the option and without its value. */
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { UsageError } from './usage-error.js'

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }
const MAX_DURATION = 2 ** 31 - 1

/** Seconds, or with a unit: `1.5`, `500ms`, `2m`. Returns milliseconds. */
export function duration(option: string, text: string): number {
  const [, digits, unit = 's'] = /^(\d+\.?\d*|\.\d+)(ms|s|m|h)?$/.exec(text) ?? []
  const ms = Number(digits) * units[unit]!
  // also rejects NaN
  if (!(ms <= MAX_DURATION)) throw new UsageError(`${option} must be seconds, or a number with ms, s, m or h`)
  return ms
}

/** As `duration`; -1 means forever. */
export function wait(option: string, text: string): number {
  return text === '-1' ? Infinity : duration(option, text)
}

/** As `duration`, above 0. */
export function positive(option: string, text: string): number {
  const ms = duration(option, text)
  if (ms <= 0) throw new UsageError(`${option} must be more than 0`)
  return ms
}

export function whole(option: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN
  if (!(value <= most)) throw new UsageError(`${option} must be a whole number from 0 to ${most}`)
  return value
}

/** A number of bytes, from 1; `k`, `M` and `G` are powers of 1024. */
export function bytes(option: string, text: string): number {
  const [, digits, unit = ''] = /^(\d+)([kMG]?)$/.exec(text) ?? []
  const value = Number(digits) * 1_024 ** ['', 'k', 'M', 'G'].indexOf(unit)
  if (!(value >= 1 && value < 2 ** 31))
    throw new UsageError(`${option} must be a number of bytes, below 2 GiB, like 65536, 64k or 16M`)
  return value
}

/** A close code that a server may send, or 1006 to end without a Close frame. */
export function serverCloseCode(option: string, text: string): number {
  const code = whole(option, text, 4_999)
  const reserved = [1004, 1005, 1015]
  if (code < 1000 || (code > 1014 && code < 3000) || reserved.includes(code))
    throw new UsageError(`${option} must be 1000-1014 or 3000-4999; 1006 drops the connection`)
  return code
}

/** `Name: value` lines as pairs, in the same order. */
export function headers(option: string, lines: readonly string[]): [string, string][] {
  return lines.map((line) => {
    const at = line.indexOf(':')
    if (at < 1) throw new UsageError(`${option} must be like 'Name: value'`)
    const name = line.slice(0, at).trim()
    return [name, headerValue(option, line.slice(at + 1).trim(), name)]
  })
}

/** Throws unless HTTP allows the value and the name. */
export function headerValue(option: string, value: string, name = 'x'): string {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return value
  } catch {
    throw new UsageError(`${option} has a character that HTTP does not allow`)
  }
}

/** `name:password`. */
export function credentials(option: string, text: string): string {
  if (!/^[^:]*:/.test(text)) throw new UsageError(`${option} must be like name:password`)
  return text
}

/** One of the given names. */
export function oneOf<T extends string>(option: string, text: string, names: readonly T[]): T {
  const found = names.find((name) => name === text)
  if (found === undefined) throw new UsageError(`${option} must be one of ${names.join(', ')}`)
  return found
}
