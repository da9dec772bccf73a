/** What happened, line by line, newest first: to be filtered, paused and copied. */
import { byId, element, onClick } from './dom.js'

/** Kinds of lines, in the order of their buttons. */
export const kinds = [
  'chaos',
  'state',
  'dial',
  'open',
  'close',
  'error',
  'drop',
  'send',
  'echo',
  'heartbeat',
] as const
export type Kind = (typeof kinds)[number]

/** There are too many of these to see the others. */
const hidden: readonly Kind[] = ['send', 'echo', 'heartbeat']

interface Line {
  readonly at: number
  readonly kind: Kind
  readonly text: string
}

const MOST_LINES = 500

export class Timeline {
  readonly #started = performance.now()
  readonly #list = byId('timeline')
  readonly #search = byId<HTMLInputElement>('timeline-search')
  readonly #pause = byId('timeline-pause')
  readonly #status = byId('timeline-status')
  readonly #shown = new Set<Kind>(kinds.filter((kind) => !hidden.includes(kind)))
  /** Newest first. */
  #lines: Line[] = []
  /** What the list shows while it is paused. */
  #held: readonly Line[] | undefined
  #missed = 0

  constructor() {
    byId('timeline-kinds').append(
      ...kinds.map((kind) =>
        element(
          'button',
          { type: 'button', 'aria-pressed': String(this.#shown.has(kind)), 'data-kind': kind },
          kind,
        ),
      ),
    )
    onClick('timeline-kinds', (button) => this.#toggle(button))
    onClick('timeline-pause', () => this.#hold())
    onClick('timeline-copy', () => void this.#copy())
    this.#search.addEventListener('input', () => this.#draw())
  }

  note(kind: Kind, text: string): void {
    const line: Line = { at: performance.now() - this.#started, kind, text }
    this.#lines.unshift(line)
    this.#lines.length = Math.min(this.#lines.length, MOST_LINES)
    if (this.#held) {
      this.#missed++
      this.#tell()
    } else if (this.#fits(line)) {
      this.#list.prepend(row(line))
      while (this.#list.children.length > MOST_LINES) this.#list.lastChild?.remove()
    }
  }

  #toggle(button: HTMLButtonElement): void {
    const kind = button.dataset.kind as Kind
    if (!this.#shown.delete(kind)) this.#shown.add(kind)
    button.setAttribute('aria-pressed', String(this.#shown.has(kind)))
    this.#draw()
  }

  #hold(): void {
    this.#held = this.#held ? undefined : [...this.#lines]
    this.#missed = 0
    this.#pause.textContent = this.#held ? 'Go on' : 'Pause'
    this.#tell()
    this.#draw()
  }

  #tell(): void {
    this.#status.textContent = this.#held ? `Paused, ${this.#missed} new` : ''
  }

  async #copy(): Promise<void> {
    const lines = this.#visible()
    const text = lines.map(({ at, kind, text }) => `${seconds(at)}\t${kind}\t${text}\n`).join('')
    try {
      await navigator.clipboard.writeText(text)
      this.#status.textContent = `Copied ${lines.length} lines`
    } catch {
      this.#status.textContent = 'This browser does not let the page copy'
    }
  }

  #fits({ kind, text }: Line): boolean {
    return this.#shown.has(kind) && `${kind} ${text}`.toLowerCase().includes(this.#search.value.toLowerCase())
  }

  #visible(): Line[] {
    return (this.#held ?? this.#lines).filter((line) => this.#fits(line))
  }

  #draw(): void {
    this.#list.replaceChildren(...this.#visible().map(row))
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`
}

function row({ at, kind, text }: Line): HTMLElement {
  return element(
    'li',
    { 'data-kind': kind },
    element('time', {}, seconds(at)),
    element('span', { class: 'word' }, kind),
    element('span', { class: 'detail-text' }, text),
  )
}
