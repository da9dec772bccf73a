/** Paths of the diagram's arrows. */

/** A path along corners, each of them rounded. */
export function rounded(corners: string): string {
  const points = corners.split(' ').map((corner) => corner.split(',').map(Number) as [number, number])
  let path = `M${points[0]}`
  points.forEach(([x, y], i) => {
    const before = points[i - 1]
    const after = points[i + 1]
    if (!before) return
    if (!after) path += ` L${x},${y}`
    else path += ` L${towards([x, y], before)} Q${x},${y} ${towards([x, y], after)}`
  })
  return path
}

/** A point a little way from a corner, at most half of the way. */
function towards([x, y]: [number, number], [toX, toY]: [number, number]): string {
  const distance = Math.hypot(toX - x, toY - y)
  const share = Math.min(10, distance / 2) / distance
  return `${x + (toX - x) * share},${y + (toY - y) * share}`
}
