/** Validates request headers and converts them to one record. */
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { InvalidArgumentError } from '../../diagnostics/errors.js'

/** Headers of the handshake itself, and those that would change the length of the request. */
export const RESERVED = /^(connection|upgrade|content-length|transfer-encoding|sec-websocket-.*)$/i

/** One value per name. Throws InvalidArgumentError, which contains neither a header name nor a value. */
export function readHeaders(path: string, given: unknown): Record<string, string> {
  // without a prototype, a header may have any name
  const result = Object.create(null) as Record<string, string>
  const names = new Map<string, string>()
  for (const [name, values] of pairs(path, given)) {
    if (values === undefined) continue
    const list: readonly unknown[] = Array.isArray(values) ? values : [values]
    if (typeof name !== 'string' || !list.every((value) => typeof value === 'string'))
      throw new InvalidArgumentError(path, 'must have names and values that are strings')
    if (RESERVED.test(name))
      throw new InvalidArgumentError(path, 'must not have headers of the handshake itself or of a body')
    for (const value of list as string[]) {
      checkHeader(path, value, name)
      // RFC 9110 section 5.3: repeated headers form a list; RFC 6265 section 5.4: cookies have their own separator
      const known = names.get(name.toLowerCase())
      const separator = name.toLowerCase() === 'cookie' ? '; ' : ', '
      if (known === undefined) {
        names.set(name.toLowerCase(), name)
        result[name] = value
      } else result[known] += separator + value
    }
  }
  return result
}

/** Throws InvalidArgumentError if HTTP does not allow the value or the name. */
export function checkHeader(path: string, value: unknown, name = 'x'): void {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value as string)
  } catch {
    throw new InvalidArgumentError(path, 'has a character that HTTP does not allow')
  }
}

function pairs(path: string, given: unknown): Iterable<readonly [unknown, unknown]> {
  if (given === undefined) return []
  if (typeof given !== 'object' || given === null)
    throw new InvalidArgumentError(path, 'must be an object, or pairs of name and value')
  if (!(Symbol.iterator in given)) return Object.entries(given)
  return Array.from(given as Iterable<unknown>, (pair) => {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new InvalidArgumentError(path, 'must have pairs of name and value')
    return pair as [unknown, unknown]
  })
}

/** The value for a name, whose case does not matter. */
export function headerOf(headers: Readonly<Record<string, string>>, name: string): string | undefined {
  const key = Object.keys(headers).find((each) => each.toLowerCase() === name)
  return key === undefined ? undefined : headers[key]
}

/** The record without some of its headers. */
export function without(
  headers: Readonly<Record<string, string>>,
  drops: (name: string, value: string) => boolean,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => !drops(name.toLowerCase(), value)),
  )
}
