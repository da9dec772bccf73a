/** Tells what happens: messages to the output, the rest to a person or, with --json, all to a program. */
import type { Data } from '../index.js'
import { trace, type LogRecord } from '../index.js'
import { type Paint, painter } from './colour.js'
import type { Voice } from './config.js'
import { toJson } from './json.js'
import type { CommandRecord } from './record.js'
import { describe, printable } from './text.js'

/** Where it goes. */
export interface Sinks {
  /** A message, or a JSON object. */
  output(chunk: string | Uint8Array): void
  /** A line for a person. */
  line(text: string): void
}

export class Reporter {
  readonly #voice: Voice
  readonly #sinks: Sinks
  readonly #paint: Paint
  readonly #trace: (record: LogRecord) => void

  constructor(voice: Voice, sinks: Sinks) {
    this.#voice = voice
    this.#sinks = sinks
    this.#paint = painter(voice.colour, process.stderr)
    this.#trace = trace((text) => sinks.line(this.#paint('quiet', printable(text))))
  }

  tell(record: CommandRecord): void {
    const { json, verbosity } = this.#voice
    if (record.type === 'message' && !json) return this.#sinks.output(framed(record.data, this.#voice))
    const line = record.type === 'message' ? undefined : describe(record)
    // the end is told to a program always, to a person where there is something to say
    const heard = record.type === 'message' || record.type === 'end' || line!.level <= verbosity
    if (json && heard) this.#sinks.output(toJson(record, new Date()) + '\n')
    if (!line || line.level > verbosity || (json && line.level >= 0)) return
    this.#sinks.line(this.#paint(line.tone, `everopen: ${line.text}`))
  }

  /** A record of the library's own log. */
  log(record: LogRecord): void {
    if (this.#voice.verbosity >= 2) this.#trace(record)
  }
}

/** A message as it is written: a line, unless nothing is to be added. */
function framed(data: Data, { raw, base64 }: Voice): string | Uint8Array {
  const end = raw ? '' : '\n'
  if (typeof data === 'string') return data + end
  const bytes = Buffer.from(data as ArrayBuffer)
  if (base64) return bytes.toString('base64') + end
  return raw ? bytes : Buffer.concat([bytes, Buffer.from(end)])
}
