/** What all charts have in common: colours of the theme, quiet axes. */
import type uPlot from 'uplot'

/** Dark, or light. */
export const scheme = matchMedia('(prefers-color-scheme: dark)')

/** A colour of the theme, as it is now. */
export function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`)
}

/** Quiet, and no larger than its text. */
export function axis(more: Partial<uPlot.Axis> = {}): uPlot.Axis {
  return {
    stroke: () => color('faint'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: () => color('line'), width: 1 },
    ticks: { show: false },
    size: 26,
    ...more,
  }
}
