/** Rejections that nobody handles fail every test of the file that calls this. */
import { afterEach, beforeEach, expect } from 'vitest'
import { settled } from './clock.js'

export function nothingUnhandled(): void {
  const unhandled: unknown[] = []
  const hear = (error: unknown): void => void unhandled.push(error)
  beforeEach(() => void process.on('unhandledRejection', hear))
  afterEach(async () => {
    await settled()
    process.off('unhandledRejection', hear)
    expect(unhandled.splice(0)).toEqual([])
  })
}
