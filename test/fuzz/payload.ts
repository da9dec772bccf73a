/** Messages that say which they are, of every kind and size. */
import { Wrong } from './wrong.js'

export type Kind = 'text' | 'binary' | 'blob'

/** What became of one message, or what arrived of it. */
export interface Seen {
  /** The number of the message; NaN for an empty one, which cannot say. */
  readonly id: number
  readonly kind: 'text' | 'binary'
}

const blobs = new WeakMap<object, number>()

/** The text of a message: its number, its size, and filling. */
function textOf(id: number, size: number): string {
  return size === 0 ? '' : `${id}|${size}|`.padEnd(size, String.fromCharCode(97 + (id % 26)))
}

/** The least size of a message that is not empty. */
export const LEAST = 16

export interface Made {
  readonly data: string | Uint8Array | Blob
  /** Writes over it: from now on it belongs to its owner again. */
  spoil(): void
}

export function make(id: number, kind: Kind, size: number): Made {
  const text = textOf(id, size)
  if (kind === 'text') return { data: text, spoil() {} }
  const bytes = Uint8Array.from(Buffer.from(text))
  if (kind === 'blob') {
    const blob = new Blob([bytes])
    if (size > 0) blobs.set(blob, id)
    return { data: blob, spoil() {} }
  }
  return { data: bytes, spoil: () => void bytes.fill(0xff) }
}

/** Reads what arrived. Throws where it is not, to the byte, what was sent. */
export function read(data: Buffer, isBinary: boolean): Seen {
  const kind = isBinary ? 'binary' : 'text'
  const text = data.toString('latin1')
  if (text === '') return { id: NaN, kind }
  const [id = '', size = ''] = text.split('|', 2)
  if (text !== textOf(Number(id), Number(size))) throw new Wrong(`not as it was sent: ${text.slice(0, 40)}`)
  return { id: Number(id), kind }
}

/** The number of a message that was made here; NaN for an empty one. */
export function numberOf(data: unknown): number {
  if (data instanceof Blob) return blobs.get(data) ?? NaN
  return parseInt(typeof data === 'string' ? data : Buffer.from(data as Uint8Array).toString('latin1'))
}
