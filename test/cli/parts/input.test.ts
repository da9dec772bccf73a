/** The input, whose end is seen before its lines are taken. */
import { Readable } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { given, type Input, readAhead } from '../../../src/cli/input.js'

async function rest({ lines }: Input): Promise<string[]> {
  const all: string[] = []
  for await (const line of lines) all.push(String(line))
  return all
}

test('it has ended although no line was taken yet', async () => {
  const numbers = Array.from({ length: 1_500 }, (_, i) => `line ${i}`)
  const input = readAhead(Readable.from([Buffer.from(numbers.join('\n'))]))
  expect(await input.ended).toBeUndefined()
  expect(await rest(input)).toEqual(numbers)
})

test('what was read before an error is not lost with it', async () => {
  const failure = new Error('reset')
  const stream = new Readable({ read() {} })
  const input = readAhead(stream)
  stream.push('one\ntwo\n')
  stream.once('data', () => stream.destroy(failure))
  expect(await input.ended).toBe(failure)
  expect(await rest(input)).toEqual(['one', 'two'])
})

test('after a stop only what was read is left', async () => {
  const stream = new Readable({ read() {} })
  const input = readAhead(stream)
  stream.push('one\n')
  await new Promise((resolve) => stream.once('data', resolve))
  input.stop()
  expect(stream.destroyed).toBe(true)
  expect(await rest(input)).toEqual(['one'])
})

test('of a line that a stop leaves without its end there is nothing but word', async () => {
  const stream = new Readable({ read() {} })
  const torn = vi.fn<() => void>()
  const input = readAhead(stream, 'crlf', torn)
  stream.push('one\ntw')
  await new Promise((resolve) => stream.once('data', resolve))
  input.stop()
  expect(await rest(input)).toEqual(['one'])
  expect(torn).toHaveBeenCalledTimes(1)
})

test('the last line needs no newline, although the rest is read after a stop', async () => {
  const input = readAhead(Readable.from([Buffer.from('one\ntwo')]))
  await input.ended
  input.stop()
  expect(await rest(input)).toEqual(['one', 'two'])
})

test('messages that are given have ended, and two iterations share them', async () => {
  const input = given(['a', 'b', 'c'])
  await input.ended
  for await (const line of input.lines) {
    expect(String(line)).toBe('a')
    expect(await rest(input)).toEqual(['b', 'c'])
  }
  input.stop()
})
