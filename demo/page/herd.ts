/** The herd: what 10,000 clients do to a server that comes back, under a backoff of one's choice. */
import uPlot from 'uplot'
import type { HerdResult } from '../herd.js'
import { axis, color, scheme } from './chart.js'
import { byId } from './dom.js'
import type { HerdNews, HerdRequest } from './herd-worker.js'
import type { BackoffType } from '../../src/options/options.js'

export class Herd {
  readonly #form = byId<HTMLFormElement>('herd')
  readonly #progress = byId<HTMLProgressElement>('herd-progress')
  readonly #summary = byId('herd-summary')
  readonly #host = byId('herd-plot')
  readonly #chart: uPlot
  #worker: Worker | undefined

  constructor() {
    const bars = uPlot.paths.bars!({ size: [0.9, 30], align: 1 })
    const series = (name: string): uPlot.Series => ({
      stroke: () => color(name),
      fill: () => color(name),
      paths: bars,
      points: { show: false },
    })
    this.#chart = new uPlot(
      {
        width: this.#host.clientWidth,
        height: 220,
        legend: { show: false },
        cursor: { show: false },
        padding: [8, 20, 0, 0],
        scales: {
          x: { time: false, range: (_, _least, most) => [0, Math.max(10, most + 1)] },
          y: { range: (_, _least, most) => [0, Math.max(10, most * 1.05)] },
        },
        axes: [axis({ values: (_, ticks) => ticks.map((tick) => `${tick} s`) }), axis({ size: 58 })],
        series: [{}, series('connecting'), series('open')],
      },
      [[], [], []],
      this.#host,
    )
    new ResizeObserver(() => this.#chart.setSize({ width: this.#host.clientWidth, height: 220 })).observe(
      this.#host,
    )
    scheme.addEventListener('change', () => this.#chart.redraw())
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault()
      this.#start()
    })
  }

  #start(): void {
    // the answer to an earlier question is of no use any more
    this.#worker?.terminate()
    const data = new FormData(this.#form)
    const number = (name: string): number => Number(data.get(name))
    const request: HerdRequest = {
      clients: number('clients'),
      backoff: { type: data.get('backoff') as BackoffType },
      outage: number('outage'),
      capacity: number('capacity'),
    }
    this.#progress.value = 0
    this.#summary.textContent = 'Simulating …'
    const worker = (this.#worker = new Worker('herd-worker.js', { type: 'module' }))
    worker.onmessage = ({ data }: MessageEvent<HerdNews>) => {
      if (data.type === 'progress') this.#progress.value = data.share
      else this.#show(request, data.result)
    }
    worker.onerror = ({ message }) => (this.#summary.textContent = `The simulation failed: ${message}`)
    worker.postMessage(request)
  }

  #show(
    { clients, outage, capacity }: HerdRequest,
    { dials, accepted, peak, wasted, back }: HerdResult,
  ): void {
    this.#worker?.terminate()
    this.#chart.setData([dials.map((_, second) => second), dials, accepted])
    const best = outage + Math.ceil((0.99 * clients) / capacity)
    const share = `${((100 * peak) / clients).toFixed(0)} %`
    this.#summary.textContent =
      `Busiest second: ${peak.toLocaleString('en')} dials, ${share} of the clients. ` +
      `Wasted dials: ${wasted.toFixed(1)} each. ` +
      (back === undefined
        ? '99 % are not back within half an hour.'
        : `99 % are back after ${back.toFixed(0)} s; at best ${best} s.`)
  }
}
