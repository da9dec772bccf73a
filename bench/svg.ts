/** Charts for the docs, each of them readable on a light and on a dark page. */

const style = `<style>
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .faint { fill: #57606a } .rule { stroke: #d0d7de } .bar, .dot { fill: #8c959f } .ours { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .faint { fill: #8d96a0 } .rule { stroke: #3d444d } .bar, .dot { fill: #656c76 } .ours { fill: #4493f8 }
  }
</style>`

const escape = (text: string): string => text.replace(/[&<>"]/g, (char) => `&#${char.codePointAt(0)};`)

export interface Bar {
  readonly name: string
  /** `undefined` where there is none; `text` says why. */
  readonly value: number | undefined
  readonly text: string
}

const ours = (name: string): boolean => name.startsWith('everopen')

/** Horizontal bars, in the order given. */
export function bars(title: string, rows: readonly Bar[]): string {
  const [left, width, step] = [190, 720, 24]
  const most = Math.max(...rows.map(({ value = 0 }) => value))
  const lines = rows.map(({ name, value, text }, index) => {
    const y = 44 + index * step
    const length = value === undefined || most === 0 ? 0 : Math.max(1, (value / most) * (width - left - 150))
    const kind = ours(name) ? 'ours' : 'bar'
    return `<text x="${left - 8}" y="${y + 12}" text-anchor="end">${escape(name)}</text><rect class="${kind}" x="${left}" y="${y}" width="${length.toFixed(1)}" height="16" rx="2"/><text class="${value === undefined ? 'faint' : ''}" x="${left + length + 6}" y="${y + 12}">${escape(text)}</text>`
  })
  return svg(width, 52 + rows.length * step, title, lines)
}

export interface Dot {
  readonly name: string
  readonly x: number
  readonly y: number
}

/** Dots by two measures, both of them the better the smaller; `top` and `right` bound what is shown. */
export function scatter(
  title: string,
  axes: { readonly x: string; readonly y: string },
  dots: readonly Dot[],
  right: number,
  top: number,
): string {
  const [left, width, height, bottom] = [60, 720, 420, 370]
  const at = ({ x, y }: { x: number; y: number }): readonly [number, number] => [
    left + (x / right) * (width - left - 150),
    bottom - (y / top) * (bottom - 50),
  ]
  const ticks = [0.25, 0.5, 0.75, 1].flatMap((share) => {
    const [x, y] = at({ x: right * share, y: top * share })
    return [
      `<line class="rule" x1="${left}" x2="${width - 150}" y1="${y}" y2="${y}"/><text class="faint" x="${left - 6}" y="${y + 4}" text-anchor="end">${+(top * share).toFixed(1)}</text>`,
      `<text class="faint" x="${x}" y="${bottom + 18}" text-anchor="middle">${+(right * share).toFixed(1)}</text>`,
    ]
  })
  const points = dots.map((dot) => {
    const [x, y] = at(dot)
    const label = dot.name === '' ? '' : `<text x="${x + 8}" y="${y + 4}">${escape(dot.name)}</text>`
    return `<circle class="${ours(dot.name) ? 'ours' : 'dot'}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${dot.name === '' ? 2 : 5}"/>${label}`
  })
  return svg(width, height, title, [
    ...ticks,
    `<line class="rule" x1="${left}" x2="${width - 150}" y1="${bottom}" y2="${bottom}"/>`,
    ...points,
    `<text class="faint" x="${width - 150}" y="${bottom + 36}" text-anchor="end">${escape(axes.x)}</text>`,
    `<text class="faint" x="${left}" y="40">${escape(axes.y)}</text>`,
  ])
}

function svg(width: number, height: number, title: string, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(title)}">
${style}
<text x="8" y="20" font-weight="600">${escape(title)}</text>
${parts.join('\n')}
</svg>
`
}
