/** What the benchmarks make of their figures. */

/** Columns for a terminal. The first is text; the others stand right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [head, ...rows].map((row) => row.map(String))
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
        .join('   ')
        .trimEnd(),
    )
    .join('\n')
}

export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle) - 1]!) / 2
}

/** The lower quartile, the median, and the upper quartile. */
export function quartiles(figures: readonly number[]): [low: number, middle: number, high: number] {
  const sorted = [...figures].sort((a, b) => a - b)
  const at = (share: number): number => {
    const place = share * (sorted.length - 1)
    const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!]
    return below + (above - below) * (place % 1)
  }
  return [at(0.25), at(0.5), at(0.75)]
}

/** Of ratios, the median, and the quartiles around it. */
export function ratio(ratios: readonly number[]): string {
  const [low, middle, high] = quartiles(ratios).map((one) => one.toFixed(2))
  return `${middle} (${low}–${high})`
}
