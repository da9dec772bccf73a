/** The standard output and its reader, who may be slow or go away. */
import { Writable } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { Output } from '../../../src/cli/output.js'

/** An output whose reader takes nothing until it is told to. */
function start() {
  let take: (error?: Error) => void = () => {}
  const stream = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void (take = done) })
  const output = new Output(stream as unknown as NodeJS.WriteStream)
  return { output, take: (error?: Error) => take(error) }
}

test('there is room once the reader has taken what was written', async () => {
  const { output, take } = start()
  await output.room()
  output.write('a')
  const room = vi.fn<() => void>()
  const waiting = output.room().then(room)
  await Promise.resolve()
  expect(room).not.toHaveBeenCalled()
  take()
  await waiting
})

test('a wait for room leaves nothing behind', async () => {
  const { output, take } = start()
  const then = vi.spyOn(output.broken, 'then')
  output.write('a')
  const waiting = output.room()
  take()
  await waiting
  expect(then).not.toHaveBeenCalled()
})

test('nobody waits for a reader that has gone', async () => {
  const { output, take } = start()
  output.write('a')
  const waiting = output.room()
  take(new Error('gone'))
  await Promise.all([waiting, output.broken, output.room(), output.flushed()])
})
