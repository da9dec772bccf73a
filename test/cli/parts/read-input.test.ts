/** The standard input, read before anything else happens. */
import { expect, test } from 'vitest'
import { readInput } from '../../../src/cli/read-input.js'

const failure = (code: string): Error => Object.assign(new Error(code), { code })

/** Gives these one after the other. */
function script(...steps: (string | Error)[]): (chunk: Uint8Array) => number {
  return (chunk) => {
    const step = steps.shift()
    if (step instanceof Error) throw step
    return step === undefined ? 0 : new TextEncoder().encodeInto(step, chunk).written
  }
}

test('what is not there yet is waited for', () => {
  const read = script(failure('EAGAIN'), 'me:', failure('EAGAIN'), failure('EAGAIN'), 'pw\n')
  expect(readInput(read).toString()).toBe('me:pw\n')
})

test('an end that is told as an error', () => {
  expect(readInput(script('me:pw', failure('EOF'))).toString()).toBe('me:pw')
})

test('any other error is one', () => {
  expect(() => readInput(script('me', failure('EISDIR')))).toThrow('EISDIR')
})
