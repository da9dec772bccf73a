/** The lines of a stream as bytes, without line ends, read no faster than they are consumed. */

/**
 * @param end Whether a carriage return before the newline is part of the line end, or of the line.
 * @param torn Whether what follows the last newline is only a part of a line, because no more was read.
 */
export async function* lines(
  chunks: AsyncIterable<Uint8Array>,
  end: 'crlf' | 'lf' = 'crlf',
  torn = (): boolean => false,
): AsyncGenerator<Buffer> {
  // a long line arrives in many chunks: concatenate them once
  let parts: Uint8Array[] = []
  for await (const chunk of chunks) {
    let from = 0
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      parts.push(chunk.subarray(from, at))
      from = at + 1
      yield whole(parts, end)
      parts = []
    }
    if (from < chunk.length) parts.push(chunk.subarray(from))
  }
  if (parts.length > 0 && !torn()) yield whole(parts, end)
}

function whole(parts: readonly Uint8Array[], end: 'crlf' | 'lf'): Buffer {
  const line = Buffer.concat(parts)
  return end === 'crlf' && line.at(-1) === 13 ? line.subarray(0, -1) : line
}
