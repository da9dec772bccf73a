import { describe, expect, test } from 'vitest'
import { Messages } from '../../src/bindings/messages.js'

function kept(limit: number): readonly string[] {
  let tell!: (message: string) => void
  const messages = new Messages<string>({ on: (_, listener) => ((tell = listener), () => {}) }, limit)
  messages.subscribe(() => {})
  for (const message of 'abcd') tell(message)
  return messages.get()
}

describe('limit', () => {
  test.each([
    [1, 'd'],
    [3, 'bcd'],
    [Infinity, 'abcd'],
  ])('%d keeps the latest', (limit, expected) => {
    expect(kept(limit).join('')).toBe(expected)
  })

  test.each([0, -1, NaN, 'x' as unknown as number])('%s is refused by name', (limit) => {
    expect(() => kept(limit)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', argument: 'limit' }),
    )
  })
})
