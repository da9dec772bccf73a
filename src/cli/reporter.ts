/** Tells what happens: messages and the rest to a person or, with --json, all to a program. */
import { type LogRecord, trace } from '../index.js'
import { type Paint, painter } from './colour.js'
import type { Voice } from './config.js'
import { toJson } from './json.js'
import type { CommandRecord } from './record.js'
import { describe, printable } from './text.js'
import type { Data } from '../delivery/payload.js'

/** Where it goes. */
export interface Sinks {
  message(data: Data): void
  /** A JSON object. */
  object(json: string): void
  /** A line for a person. */
  line(text: string): void
  /** Whose terminal it is. */
  readonly stream: NodeJS.WriteStream
  /** What is seen there otherwise. */
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
    // the end is told to a program always, to a person where there is something to say
    if (json && (record.type === 'end' || line!.level <= verbosity)) this.#object(record)
    if (!line || line.level > verbosity || (json && line.level >= 0)) return
    if (record.type !== this.#sinks.hidden) this.say(line.tone, `everopen: ${line.text}`)
  }

  /** A record of the library's own log. */
  log(record: LogRecord): void {
    if (this.#voice.verbosity >= 2) this.#trace(record)
  }

  /** Text that is fit for a terminal. */
  say(tone: Parameters<Paint>[0], text: string): void {
    this.#sinks.line(this.paint(tone, text))
  }

  #object(record: CommandRecord): void {
    this.#sinks.object(toJson(record, new Date()))
  }
}
