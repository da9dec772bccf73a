/** How the terminal shows the scenario: a line for each event, a heading for each ending, and the summary. */
import type { SocketState } from 'everopen'
import { laws, type Summary } from './laws.js'

const colors: Readonly<Record<SocketState, number>> = {
  idle: 90,
  connecting: 33,
  open: 32,
  closing: 35,
  closed: 36,
}
const bold = 1
const faint = 90
const red = 31

export interface Terminal {
  /** One event: when, in which state the socket is now, what, and what more there is to say. */
  event(ms: number, state: SocketState, word: string, detail: string): void
  heading(text: string): void
  summary(summary: Summary, queued: number, broken: readonly string[]): void
}

/** Writes lines to `say`; in colour where asked for. */
export function createTerminal(say: (line: string) => void, color: boolean): Terminal {
  const paint = (code: number, text: string): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
  return {
    event(ms, state, word, detail) {
      const time = paint(faint, `${(ms / 1_000).toFixed(2).padStart(6)} s`)
      const shown = word === 'error' ? paint(red, word.padEnd(6)) : word.padEnd(6)
      say(`${time}  ${paint(colors[state], `● ${state.padEnd(10)}`)}  ${shown}  ${detail}`.trimEnd())
    },
    heading(text) {
      say('')
      say(paint(bold, `▸ ${text}`))
    },
    summary({ opens, closes, errors, sent, received, lost, duplicates }, queued, broken) {
      const row = (name: string, text: string): void => say(`${paint(faint, name.padEnd(13))}${text}`)
      say('')
      row('connections', `${opens} opens, ${closes} closes, ${errors} ${errors === 1 ? 'error' : 'errors'}`)
      row(
        'messages',
        `${sent} sent, ${queued} of them while disconnected; ${received} received by the server`,
      )
      row('', `${lost} lost, ${duplicates} ${duplicates === 1 ? 'duplicate' : 'duplicates'}`)
      say('')
      if (broken.length === 0) for (const law of laws) say(`${paint(colors.open, '✓')} ${law}`)
      for (const law of broken) say(`${paint(red, '✗')} Broken: ${law}.`)
      if (broken.length === 0) say(paint(bold, 'Every law held.'))
    },
  }
}
