/** The whole standard input, for what must be known before anything else happens. */
import { readSync } from 'node:fs'

const SIZE = 65_536
/** How often to look again, in ms. */
const PACE = 10

/**
 * Waits for its end. Unlike `readFileSync(0)`, also where reading does not block: an import of node:process, such as that
 * of commander, opens the standard input, and then a pipe that is still empty cannot be read (EAGAIN).
 */
export function readInput(read = (chunk: Uint8Array): number => readSync(0, chunk)): Buffer {
  const chunks: Uint8Array[] = []
  for (;;) {
    const chunk = new Uint8Array(SIZE)
    try {
      const size = read(chunk)
      if (size === 0) return Buffer.concat(chunks)
      chunks.push(chunk.subarray(0, size))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // Windows tells the end like this
      if (code === 'EOF') return Buffer.concat(chunks)
      if (code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PACE)
    }
  }
}
