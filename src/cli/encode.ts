/** Converts lines to messages. */

export type Encoding = 'text' | 'binary' | 'base64'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/

/** The message for a line, or the reason why there is none. */
export function encode(line: Buffer, encoding: Encoding): string | Uint8Array | { readonly problem: string } {
  if (encoding === 'binary') return line
  if (encoding === 'base64') {
    const text = line.toString('latin1').trim()
    return base64.test(text) ? Buffer.from(text, 'base64') : { problem: 'is not base64' }
  }
  try {
    return utf8.decode(line)
  } catch {
    return { problem: 'is not UTF-8: use --binary' }
  }
}
