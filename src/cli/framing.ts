/** Formats messages for output. */
import { printable } from './text.js'
import type { Data } from '../delivery/payload.js'

const bytesOf = (data: Exclude<Data, string>): Buffer => Buffer.from(data as ArrayBuffer)

/** For a pipe: a line, or the unchanged message if nothing may be added. */
export function framed(
  data: Data,
  { raw, base64 }: { readonly raw: boolean; readonly base64: boolean },
): string | Uint8Array {
  const end = raw ? '' : '\n'
  if (typeof data === 'string') return data + end
  const bytes = bytesOf(data)
  if (base64) return bytes.toString('base64') + end
  return raw ? bytes : Buffer.concat([bytes, Buffer.from(end)])
}

/** For a terminal: control characters are escaped. */
export function shown(data: Data): string {
  if (typeof data === 'string') return `< ${printable(data, '\n\t')}`
  const bytes = bytesOf(data)
  return `< (${bytes.length} bytes) ${bytes.toString('base64')}`
}
