/** Writes reports: for a person or, with --json, for a program. */
import { type LogRecord, trace } from '../index.js'
import { type Paint, painter } from './colour.js'
import type { Voice } from './config.js'
import { toJson } from './json.js'
import type { CommandRecord } from './record.js'
import { describe, printable } from './text.js'
import type { Data } from '../delivery/payload.js'

/** Where to write. */
export interface Sinks {
  message(data: Data): void
  /** Writes a JSON object. */
  object(json: string): void
  /** Writes a line for a person. */
  line(text: string): void
  /** The stream whose terminal decides about colours. */
  readonly stream: NodeJS.WriteStream
  /** A record that is shown elsewhere. */
  readonly hidden?: CommandRecord['type']
}

export class Reporter {
  readonly paint: Paint
  readonly #voice: Voice
  readonly #sinks: Sinks
  readonly #trace: (record: LogRecord) => void

  constructor(voice: Voice, sinks: Sinks) {
    this.#voice = voice
    this.#sinks = sinks
    this.paint = painter(voice.colour, sinks.stream)
    this.#trace = trace((text) => this.say('quiet', printable(text)))
  }

  tell(record: CommandRecord): void {
    const { json, verbosity } = this.#voice
    if (record.type === 'message') {
      if (json) this.#object(record)
      else this.#sinks.message(record.data)
      return
    }
    const line = describe(record)
    // the end is always reported to a program, and to a person if there is something to report
    if (json && (record.type === 'end' || line!.level <= verbosity)) this.#object(record)
    if (!line || line.level > verbosity || (json && line.level >= 0)) return
    if (record.type !== this.#sinks.hidden) this.say(line.tone, `everopen: ${line.text}`)
  }

  /** Reports a record of the library's log. */
  log(record: LogRecord): void {
    if (this.#voice.verbosity >= 2) this.#trace(record)
  }

  /** Writes text that is safe for a terminal. */
  say(tone: Parameters<Paint>[0], text: string): void {
    this.#sinks.line(this.paint(tone, text))
  }

  #object(record: CommandRecord): void {
    this.#sinks.object(toJson(record, new Date()))
  }
}
