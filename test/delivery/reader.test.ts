import { describe, expect, test, vi } from 'vitest'
import { Reader, type Waiting } from '../../src/delivery/reader.js'

/** With a source that can pause, and counts how often it did. */
function pausing(limit: number) {
  const resume = vi.fn<() => void>()
  const pause = vi.fn<() => () => void>(() => resume)
  return { reader: new Reader<string>(limit, pause), pause, resume }
}

const failing =
  (what: string) =>
  ({ reject }: Waiting<string>): void =>
    reject(new Error(what))

test('gives what it holds, in order', async () => {
  const { reader } = pausing(10)
  for (const item of ['a', 'b', 'c']) expect(reader.add(item)).toBe(true)
  expect([await reader.next(), await reader.next(), await reader.next()]).toEqual(['a', 'b', 'c'])
})

test('gives what arrives to those who wait, in their order, and holds none of it', async () => {
  const { reader } = pausing(10)
  const waiting = [reader.next(), reader.next()]
  for (const item of ['a', 'b', 'c']) reader.add(item)
  expect(await Promise.all(waiting)).toEqual(['a', 'b'])
  expect(reader.clear()).toEqual(['c'])
})

test('clear() takes all that is held', async () => {
  const { reader } = pausing(10)
  for (const item of ['a', 'b']) reader.add(item)
  expect([reader.clear(), reader.clear()]).toEqual([['a', 'b'], []])
  const next = reader.next()
  reader.add('c')
  expect(await next).toBe('c')
})

describe('the limit', () => {
  test('pauses the source when it is reached, once, and what had been read by then is held too', () => {
    const { reader, pause } = pausing(3)
    reader.add('a')
    reader.add('b')
    expect(pause).not.toHaveBeenCalled()
    expect(['c', 'd'].map((item) => reader.add(item))).toEqual([true, true])
    expect(pause).toHaveBeenCalledOnce()
    expect(reader.clear()).toEqual(['a', 'b', 'c', 'd'])
  })

  test('is not reached by what somebody waits for', () => {
    const { reader, pause } = pausing(1)
    void reader.next()
    reader.add('a')
    expect(pause).not.toHaveBeenCalled()
  })

  test('resumes the source when half of it is taken, and pauses it again', async () => {
    const { reader, pause, resume } = pausing(4)
    for (const item of 'abcd') reader.add(item)
    await reader.next()
    expect(resume).not.toHaveBeenCalled()
    await reader.next()
    expect(resume).toHaveBeenCalledOnce()
    await reader.next()
    expect(resume).toHaveBeenCalledOnce()
    for (const item of 'efg') reader.add(item)
    expect(pause).toHaveBeenCalledTimes(2)
  })

  test('is told of where the source cannot pause', () => {
    for (const reader of [new Reader<string>(2, undefined), new Reader<string>(2, () => undefined)])
      expect(['a', 'b', 'c'].map((item) => reader.add(item))).toEqual([true, false, false])
  })

  test('resume() lets go of the source at any time, once', () => {
    const { reader, resume } = pausing(1)
    reader.resume()
    reader.add('a')
    reader.resume()
    reader.resume()
    expect(resume).toHaveBeenCalledOnce()
  })
})

describe('the end', () => {
  test('answers those who wait, and later calls once nothing is held', async () => {
    const { reader } = pausing(10)
    const waiting = [reader.next(), reader.next()]
    reader.add('a')
    reader.end(failing('over'))
    expect(await waiting[0]).toBe('a')
    await expect(waiting[1]).rejects.toThrow('over')
    await expect(reader.next()).rejects.toThrow('over')
  })

  test('leaves what is held to be taken', async () => {
    const { reader } = pausing(10)
    reader.add('a')
    reader.end(failing('over'))
    expect(await reader.next()).toBe('a')
    await expect(reader.next()).rejects.toThrow('over')
  })

  test('is what the first has said', async () => {
    const { reader } = pausing(10)
    reader.end(failing('first'))
    reader.end(failing('second'))
    await expect(reader.next()).rejects.toThrow('first')
  })

  test('drops what arrives in it, and says that there is room', () => {
    const reader = new Reader<string>(1, undefined)
    reader.end(failing('over'))
    expect(['a', 'b'].map((item) => reader.add(item))).toEqual([true, true])
    expect(reader.clear()).toEqual([])
  })
})
