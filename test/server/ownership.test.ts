import { expect, test, vi } from 'vitest'
import { Ownership } from '../../src/server/ownership.js'

const claim = (epoch: number) => ({ epoch, received: 0, delivered: 0, last: 0 })

test('what is refused while this server claims the session again is written again, under the new epoch', async () => {
  const lost = vi.fn()
  const ownership = new Ownership(1, lost)
  let made!: (value: ReturnType<typeof claim>) => void
  ownership.claiming(new Promise((resolve) => (made = resolve)))
  const epochs: number[] = []
  const written = ownership.write((epoch) => {
    epochs.push(epoch)
    return epoch === 1 ? 'fenced' : 'done'
  })
  made(claim(2))
  expect(await written).toBe('done')
  expect(epochs).toEqual([1, 2])
  expect(lost).not.toHaveBeenCalled()
  expect(await ownership.holds(claim(2))).toBe(true)
})

test('a claim after another’s is no going on', async () => {
  const lost = vi.fn()
  const ownership = new Ownership(1, lost)
  ownership.claiming(Promise.resolve(claim(3)))
  expect(await ownership.holds(claim(3))).toBe(false)
  expect(await ownership.endsWith(3)).toBe(true)
  expect(await ownership.write(() => 'fenced')).toBe('fenced')
  expect(lost).toHaveBeenCalledExactlyOnceWith('fenced')
})

test.each([
  ['that fails', () => Promise.reject(new Error('away'))],
  ['of nothing', () => Promise.resolve(undefined)],
])('a claim %s changes nothing', async (_, claiming) => {
  const ownership = new Ownership(1, vi.fn())
  ownership.claiming(claiming())
  expect(await ownership.holds(claim(1))).toBe(true)
  expect(await ownership.endsWith(1)).toBe(false)
  expect(await ownership.write((epoch) => epoch)).toBe(1)
})

test('the loss is told once, and nothing is written after a release', async () => {
  const ownership = new Ownership(1, (how) => ownership.release(how))
  const operation = vi.fn(() => 'gone' as const)
  expect(await Promise.all([ownership.write(operation), ownership.write(operation)])).toEqual([
    'gone',
    'gone',
  ])
  expect(await ownership.write(operation)).toBe('gone')
  expect(operation).toHaveBeenCalledTimes(2)
})
