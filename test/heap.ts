/** What stays in memory, once the garbage collector has run. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
/** Runs the garbage collector. */
export const collect = runInNewContext('gc') as () => void

function used(): number {
  collect()
  return process.memoryUsage().heapUsed
}

/** Bytes that `run` has left behind. The second time counts: the first compiles. */
export function left(run: () => void): number {
  run()
  const before = used()
  run()
  return used() - before
}
