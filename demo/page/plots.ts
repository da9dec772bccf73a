/** The plots of the last minute. */
import uPlot from 'uplot'
import { axis, color, scheme } from './chart.js'
import { byId, stillness } from './dom.js'
import { type History, SPAN } from './history.js'
import { phases, type Place, places } from './places.js'

const HEIGHT = 130
const LANE = 18

/** Top to bottom as in the drawing, left to right. */
const lanes = [...places].reverse()

function colorOf(place: Place): string {
  return color(phases.includes(place) ? 'connecting' : place)
}

type Row = readonly (number | null)[]

interface Plot {
  readonly name: string
  readonly series: uPlot.Series[]
  readonly range: (least: number, most: number) => [number, number]
  readonly unit: string
  /** The columns: times first. */
  readonly data: (history: History) => Row[]
  readonly more?: Partial<uPlot.Options>
}

const upFromZero = (least: number) => (_: number, most: number) =>
  [0, Math.max(least, most * 1.1)] as [number, number]

function line(label: string, name: string, more: Partial<uPlot.Series> = {}): uPlot.Series {
  return { label, stroke: () => color(name), width: 2, points: { show: false }, ...more }
}

function dots(label: string, name: string): uPlot.Series {
  const points = { show: true, size: 7, fill: () => color(name) }
  return { label, stroke: () => color(name), width: 0, points, paths: () => null }
}

const stepped = uPlot.paths.stepped!({ align: 1 })

export class Plots {
  readonly #history: History
  readonly #charts: readonly { readonly plot: Plot; readonly chart: uPlot }[]
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(history: History) {
    this.#history = history
    const plots = [this.#states(), this.#rtts(), this.#delays(), this.#outbox(), this.#messages()]
    this.#charts = plots.map((plot) => ({ plot, chart: this.#make(plot) }))
    for (const { plot, chart } of this.#charts)
      new ResizeObserver(() =>
        chart.setSize({ width: host(plot.name).clientWidth, height: chart.height }),
      ).observe(host(plot.name))
    scheme.addEventListener('change', () => this.draw())
    stillness.addEventListener('change', () => this.#run())
    this.#run()
  }

  draw(): void {
    this.#history.trim()
    for (const { plot, chart } of this.#charts) {
      chart.setData(plot.data(this.#history) as uPlot.AlignedData, false)
      const now = this.#history.now
      chart.setScale('x', { min: Math.max(0, now - SPAN), max: Math.max(SPAN, now) })
    }
    const { rtts, delays, counts } = this.#history
    const within = delays.filter(({ drawn, least, most }) => drawn >= least && drawn <= most).length
    const now = counts.at(-1)
    say('rtts', rtts.length === 0 ? 'none yet' : `last ${rtts.at(-1)?.rtt.toFixed(1)} ms`)
    say('delays', delays.length === 0 ? 'none yet' : `${within} of ${delays.length} within the bounds`)
    say('outbox', `${now?.waiting ?? 0} waiting`)
    for (const name of ['sent', 'received', 'lost'] as const) say(name, String(now?.[name] ?? 0))
  }

  #run(): void {
    clearInterval(this.#timer)
    this.#timer = setInterval(() => !document.hidden && this.draw(), stillness.matches ? 1_000 : 250)
  }

  #make({ name, series, range, unit, more }: Plot): uPlot {
    return new uPlot(
      {
        width: host(name).clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        padding: [8, 20, 0, 0],
        scales: { x: { time: false }, y: { range: (_, least, most) => range(least, most) } },
        axes: [
          axis({ values: (_, ticks) => ticks.map((tick) => `${tick} s`) }),
          axis({ size: 58, values: (_, ticks) => ticks.map((tick) => `${tick}${unit}`) }),
        ],
        series: [{}, ...series],
        ...more,
      },
      [[], ...series.map(() => [])],
      host(name),
    )
  }

  #states(): Plot {
    return {
      name: 'states',
      unit: '',
      series: [line('place', 'ink', { paths: () => null })],
      range: () => [-0.5, lanes.length - 0.5],
      data: ({ places }) => [places.map(({ at }) => at), places.map(({ place }) => lanes.indexOf(place))],
      more: {
        height: lanes.length * LANE + 40,
        axes: [
          axis({ values: (_, ticks) => ticks.map((tick) => `${tick} s`) }),
          axis({ size: 78, splits: () => lanes.map((_, lane) => lane), values: () => lanes }),
        ],
        hooks: { draw: [(chart) => this.#bands(chart)] },
      },
    }
  }

  /** A bar for each stay, in the lane of its place. */
  #bands(chart: uPlot): void {
    const { places, now } = this.#history
    const { ctx, bbox } = chart
    const height = (bbox.height / lanes.length) * 0.6
    ctx.save()
    ctx.beginPath()
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
    ctx.clip()
    places.forEach(({ at, place }, i) => {
      const left = chart.valToPos(at, 'x', true)
      const right = chart.valToPos(places[i + 1]?.at ?? now, 'x', true)
      const middle = chart.valToPos(lanes.indexOf(place), 'y', true)
      ctx.fillStyle = colorOf(place)
      // a stay of no time at all is still to be seen
      ctx.fillRect(left, middle - height / 2, Math.max(2 * devicePixelRatio, right - left), height)
    })
    ctx.restore()
  }

  #rtts(): Plot {
    return {
      name: 'rtts',
      unit: ' ms',
      series: [
        line('round trip', 'closed', { points: { show: true, size: 5, fill: () => color('closed') } }),
      ],
      range: upFromZero(5),
      data: ({ rtts }) => [rtts.map(({ at }) => at), rtts.map(({ rtt }) => rtt)],
    }
  }

  #delays(): Plot {
    return {
      name: 'delays',
      unit: ' s',
      series: [dots('delay', 'connecting'), line('most', 'line', { paths: () => null })],
      range: upFromZero(1),
      data: ({ delays }) => [
        delays.map(({ at }) => at),
        delays.map(({ drawn }) => drawn / 1_000),
        delays.map(({ most }) => most / 1_000),
      ],
      more: { hooks: { drawAxes: [(chart) => this.#bounds(chart)] } },
    }
  }

  /** Behind each delay, the bounds within which it was drawn. */
  #bounds(chart: uPlot): void {
    const { ctx } = chart
    const width = 8 * devicePixelRatio
    ctx.save()
    ctx.fillStyle = color('bounds')
    for (const { at, least, most } of this.#history.delays) {
      const [bottom, top] = [least, most].map((ms) => chart.valToPos(ms / 1_000, 'y', true)) as [
        number,
        number,
      ]
      const middle = chart.valToPos(at, 'x', true)
      ctx.fillRect(middle - width / 2, top, width, Math.max(2 * devicePixelRatio, bottom - top))
    }
    ctx.restore()
  }

  #outbox(): Plot {
    return {
      name: 'outbox',
      unit: '',
      series: [line('waiting', 'closing', { paths: stepped })],
      range: upFromZero(5),
      data: ({ counts }) => [counts.map(({ at }) => at), counts.map(({ waiting }) => waiting)],
    }
  }

  #messages(): Plot {
    return {
      name: 'messages',
      unit: '',
      series: [line('sent', 'closed', { width: 4 }), line('received', 'open'), line('lost', 'error')],
      range: upFromZero(10),
      data: ({ counts }) => [
        counts.map(({ at }) => at),
        counts.map(({ sent }) => sent),
        counts.map(({ received }) => received),
        counts.map(({ lost }) => lost),
      ],
    }
  }
}

function host(name: string): HTMLElement {
  return byId(`plot-${name}`)
}

function say(name: string, text: string): void {
  byId(`plot-${name}-now`).textContent = text
}
