/** The conversions of Web IDL and the checks of WHATWG WebSockets, for the arguments of ReconnectingWebSocket. */
import type { Endpoint, Options } from '../options/options.js'
import { platform } from '#platform'
import { isArrayBuffer, isBlob } from '../delivery/payload.js'
import { protocolProblem, resolveUrl } from '../options/url.js'
import { type Sendable, utf8Length } from '../delivery/payload.js'
import type { Provider } from '../options/provider.js'

/** Converts to a string as Web IDL does: unlike String(), throws a TypeError for a Symbol. */
function toText(value: unknown): string {
  return `${value as string}`
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

function syntaxError(message: string): DOMException {
  return new DOMException(message, 'SyntaxError')
}

/** Converts the first argument of the constructor, without checking it. */
export function toUrls(url: unknown): string | readonly string[] | ((...args: never[]) => unknown) {
  if (typeof url === 'function') return url as () => unknown
  return Array.isArray(url) ? url.map(toText) : toText(url)
}

/** Converts the second argument of the constructor from `(DOMString or sequence<DOMString>)`, without checking it. */
export function toProtocols(protocols: unknown): string[] | ((...args: never[]) => unknown) {
  if (typeof protocols === 'function') return protocols as () => unknown
  const iterator = isObject(protocols)
    ? (protocols as Partial<Iterable<unknown>>)[Symbol.iterator]
    : undefined
  if (iterator === undefined || iterator === null) return [toText(protocols)]
  // read once, as in Web IDL
  return Array.from({ [Symbol.iterator]: () => Reflect.apply(iterator, protocols, []) }, toText)
}

/**
 * Resolves and checks the result of `toUrls`. Throws a SyntaxError DOMException.
 * @param later Whether the socket does not dial yet: a relative URL may be resolved elsewhere, when it does.
 */
export function checkUrls(urls: ReturnType<typeof toUrls>, later: boolean): Provider<Endpoint> {
  if (typeof urls === 'function') return urls as Provider<Endpoint>
  if (typeof urls !== 'string') return urls.map((url) => checkUrls(url, later) as string)
  const { schemes } = platform
  const resolved = resolveUrl(urls, schemes)
  if ('href' in resolved) return resolved.href
  if (later && 'href' in resolveUrl(urls, schemes, 'http://localhost/')) return urls
  throw syntaxError(`the URL ${resolved.problem}`)
}

/** Checks the result of `toProtocols`. Throws a SyntaxError DOMException. */
export function checkProtocols(protocols: ReturnType<typeof toProtocols>): Options['protocols'] {
  if (typeof protocols === 'function') return protocols as Options['protocols']
  const problem = protocolProblem(protocols)
  if (problem !== undefined) throw syntaxError(`the list of subprotocols ${problem}`)
  return protocols
}

/** Converts the argument of send(), `(BufferSource or Blob or USVString)`. */
export function toSendable(data: unknown): Sendable {
  if (typeof data === 'string') return data
  if (ArrayBuffer.isView(data)) {
    if (!isArrayBuffer(data.buffer)) throw new TypeError('the view is of a SharedArrayBuffer')
    checkFixed(data.buffer)
    return data.byteLength > 0 ? data : new ArrayBuffer(0)
  }
  if (isArrayBuffer(data)) {
    checkFixed(data)
    // a detached buffer counts as empty
    return data.byteLength > 0 ? data : new ArrayBuffer(0)
  }
  return isBlob(data) ? data : toText(data)
}

function checkFixed(buffer: ArrayBuffer & { readonly resizable?: boolean }): void {
  if (buffer.resizable === true) throw new TypeError('the ArrayBuffer is resizable')
}

/** Converts to `[Clamp] unsigned short`: rounded to the nearest, ties to even; NaN is 0. */
function toUnsignedShort(value: unknown): number {
  // unlike Number(), throws for a BigInt
  const number = Math.min(Math.max(+(value as number), 0), 0xffff) || 0
  const floor = Math.floor(number)
  const rest = number - floor
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor
}

/**
 * Converts and checks the arguments of close(). A reason without a code is sent with 1000; without both, the Close frame
 * is empty.
 */
export function toClose(code: unknown, reason: unknown): [code?: number, reason?: string] {
  const number = code === undefined ? undefined : toUnsignedShort(code)
  const text = reason === undefined ? '' : toText(reason)
  if (number !== undefined && number !== 1000 && (number < 3000 || number > 4999))
    throw new DOMException('the close code must be 1000 or from 3000 to 4999', 'InvalidAccessError')
  if (utf8Length(text) > 123) throw syntaxError('the close reason must not be longer than 123 bytes in UTF-8')
  if (text !== '') return [number ?? 1000, text]
  return number === undefined ? [] : [number]
}

/** Converts the value of an `on*` attribute: objects, callable or not, are kept; anything else becomes null. */
export function toHandler(value: unknown): object | null {
  return isObject(value) ? value : null
}
