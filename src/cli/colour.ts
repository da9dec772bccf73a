/** Colours for terminals. */
import type { Tone } from './text.js'

const codes: Readonly<Record<Tone | 'strong', string>> = {
  good: '\x1b[32m',
  bad: '\x1b[31m',
  quiet: '\x1b[2m',
  strong: '\x1b[1m',
}

export type Paint = (tone: Tone | 'strong', text: string) => string

/** See no-color.org: NO_COLOR disables them if it is set and not empty. */
export function painter(wanted: boolean, stream: { readonly isTTY?: boolean }): Paint {
  const plain = !wanted || !stream.isTTY || !!process.env.NO_COLOR || process.env.TERM === 'dumb'
  return (tone, text) => (plain ? text : `${codes[tone]}${text}\x1b[0m`)
}
