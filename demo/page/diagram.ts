/** The machine, drawn: where it is now is lit, and each transition runs along its arrow. */
import { stillness, svg } from './dom.js'
import { rounded } from './path.js'
import { type ArrowName, type Layout, phases, type Place, places, tall, wide } from './places.js'

/** How long one transition runs along its arrow; and the longest that one waits for those before it. In ms. */
const RUN = 350
const LATEST = 700

export class Diagram {
  readonly #host: SVGSVGElement
  readonly #narrow = matchMedia('(max-width: 44rem)')
  #place: Place = 'idle'
  #last: string | undefined
  #busyUntil = 0

  constructor(host: SVGSVGElement) {
    this.#host = host
    this.#narrow.addEventListener('change', () => this.#draw())
    this.#draw()
  }

  /** The machine went from one place to another. */
  move(from: Place, to: Place): void {
    this.#place = to
    const layout = this.#layout()
    const name: ArrowName = `${from}>${to}`
    this.#last = name in layout.arrows ? name : `connecting>${to}`
    this.#light()
    const arrow = this.#host.querySelector<SVGPathElement>(`[data-arrow="${this.#last}"]`)
    if (arrow && !stillness.matches) this.#run(arrow, to)
  }

  #layout(): Layout {
    return this.#narrow.matches ? tall : wide
  }

  #draw(): void {
    const { width, height, size, centers, group, groupName, arrows, labels } = this.#layout()
    const [w, h] = size
    const [x, y, groupWidth, groupHeight] = group
    this.#host.setAttribute('viewBox', `0 0 ${width} ${height}`)
    this.#host.replaceChildren(
      svg(
        'defs',
        {},
        svg(
          'marker',
          {
            id: 'head',
            viewBox: '0 0 8 8',
            refX: 7,
            refY: 4,
            markerWidth: 7,
            markerHeight: 7,
            orient: 'auto',
          },
          svg('path', { d: 'M0 0.5 8 4 0 7.5z', fill: 'context-stroke' }),
        ),
      ),
      svg('rect', { class: 'group', x, y, width: groupWidth, height: groupHeight, rx: 12 }),
      svg('text', { class: 'group-name', x: groupName[0], y: groupName[1] }, 'connecting'),
      ...Object.entries(arrows).map(([name, corners]) =>
        svg('path', { class: 'arrow', 'data-arrow': name, d: rounded(corners), 'marker-end': 'url(#head)' }),
      ),
      ...labels.map(([x, y, text]) => svg('text', { class: 'label', x, y }, text)),
      ...places.map((place) => {
        const [cx, cy] = centers[place]
        return svg(
          'g',
          { class: 'place', 'data-place': place },
          svg('rect', { x: cx - w / 2, y: cy - h / 2, width: w, height: h, rx: 8 }),
          svg('text', { x: cx, y: cy }, place),
        )
      }),
    )
    this.#light()
  }

  #light(): void {
    this.#host.setAttribute('aria-label', `The state machine of the socket, which is ${this.#place}`)
    const mark = (selector: string, lit: (data: DOMStringMap) => boolean): void => {
      for (const found of this.#host.querySelectorAll<SVGElement>(selector))
        found.classList.toggle('lit', lit(found.dataset))
    }
    mark('.place', ({ place }) => place === this.#place)
    mark('.arrow', ({ arrow }) => arrow === this.#last)
    mark('.group', () => phases.includes(this.#place))
  }

  #run(arrow: SVGPathElement, to: Place): void {
    const now = performance.now()
    const delay = Math.min(LATEST, Math.max(0, this.#busyUntil - now))
    this.#busyUntil = now + delay + RUN
    const length = arrow.getTotalLength()
    const steps = 24
    const at = Array.from({ length: steps + 1 }, (_, step) => arrow.getPointAtLength((length * step) / steps))
    const dot = svg('circle', { class: 'dot', 'data-to': to, r: 6 })
    this.#host.append(dot)
    const animation = dot.animate(
      at.map(({ x, y }) => ({ transform: `translate(${x}px, ${y}px)`, opacity: 1 })),
      { delay, duration: RUN, easing: 'ease-in-out' },
    )
    animation.onfinish = animation.oncancel = () => dot.remove()
  }
}
