import { describe, expect, test } from 'vitest'
import { Emitter } from '../../src/socket/emitter.js'
import { catchReports } from '../sim/socket.js'

interface Events {
  a: number
  b: string
}

const heard: unknown[] = []
const hear =
  (name: string) =>
  (...detail: unknown[]): void =>
    void heard.push([name, ...detail])

function setUp() {
  heard.length = 0
  return new Emitter<Events>()
}

test('tell() is for those who listen by name, and heeds() says whether there are any', () => {
  const emitter = setUp()
  expect(emitter.heeds('a')).toBe(false)
  emitter.on('*', hear('any'))
  const undo = emitter.on('a', hear('a'))
  expect([emitter.heeds('a'), emitter.heeds('b')]).toEqual([true, false])
  emitter.tell('a', 1)
  emitter.tell('b', 'x')
  expect(heard).toEqual([['a', 1]])
  undo()
  expect(emitter.heeds('a')).toBe(false)
})

describe('listeners', () => {
  test('of a type get its detail, in the order they were added', () => {
    const emitter = setUp()
    emitter.on('a', hear('first'))
    emitter.on('a', hear('second'))
    emitter.on('b', hear('other'))
    emitter.emit('a', 1)
    expect(heard).toEqual([
      ['first', 1],
      ['second', 1],
    ])
  })

  test('of * get everything as (type, detail), after those of the type', () => {
    const emitter = setUp()
    emitter.on('*', hear('any'))
    emitter.on('*', hear('any too'))
    emitter.on('a', hear('a'))
    emitter.emit('a', 1)
    emitter.emit('b', 'x')
    expect(heard).toEqual([
      ['a', 1],
      ['any', 'a', 1],
      ['any too', 'a', 1],
      ['any', 'b', 'x'],
      ['any too', 'b', 'x'],
    ])
  })

  test('may be none', () => {
    expect(() => setUp().emit('a', 1)).not.toThrow()
  })
})

describe('removal', () => {
  test('by off(), and by the undo of on()', () => {
    const emitter = setUp()
    const listener = hear('gone')
    emitter.on('a', listener)
    const undo = emitter.on('*', hear('gone too'))
    emitter.on('a', hear('there'))
    emitter.off('a', listener)
    undo()
    emitter.emit('a', 1)
    expect(heard).toEqual([['there', 1]])
  })

  test('of what was never added does nothing', () => {
    const emitter = setUp()
    emitter.on('a', hear('there'))
    emitter.off('a', hear('stranger'))
    emitter.off('b', hear('stranger'))
    emitter.emit('a', 1)
    expect(heard).toEqual([['there', 1]])
  })

  test('an undo undoes its own on(), and no other of the same listener', () => {
    const emitter = setUp()
    const listener = hear('twice')
    const undo = emitter.on('a', listener)
    emitter.on('a', listener)
    undo()
    undo()
    emitter.emit('a', 1)
    expect(heard).toEqual([['twice', 1]])
  })
})

describe('while an event is told', () => {
  test.each([1, 2, 3])('with %i listeners, one that is added hears the next event', (count) => {
    const emitter = setUp()
    const undo = emitter.on('a', () => {
      undo()
      emitter.on('a', hear('added'))
    })
    for (let i = 1; i < count; i++) emitter.on('a', () => {})
    emitter.emit('a', 1)
    expect(heard).toEqual([])
    emitter.emit('a', 2)
    expect(heard).toEqual([['added', 2]])
  })

  test('one that is removed hears it once more at most, and the others are not skipped', () => {
    const emitter = setUp()
    const undo = emitter.on('a', () => {
      hear('once')(1)
      undo()
    })
    emitter.on('a', hear('second'))
    emitter.on('a', hear('third'))
    emitter.emit('a', 1)
    emitter.emit('a', 2)
    expect(heard).toEqual([
      ['once', 1],
      ['second', 1],
      ['third', 1],
      ['second', 2],
      ['third', 2],
    ])
  })

  test('a single listener may remove itself', () => {
    const emitter = setUp()
    const undo = emitter.on('b', () => undo())
    emitter.on('*', hear('any'))
    emitter.emit('b', 'x')
    emitter.emit('b', 'y')
    expect(heard).toEqual([
      ['any', 'b', 'x'],
      ['any', 'b', 'y'],
    ])
  })

  test('it may emit another', () => {
    const emitter = setUp()
    emitter.on('a', (detail: number) => detail < 2 && emitter.emit('a', detail + 1))
    emitter.on('a', hear('second'))
    emitter.emit('a', 0)
    expect(heard).toEqual([
      ['second', 2],
      ['second', 1],
      ['second', 0],
    ])
  })
})

test.each(['a', '*'] as const)('law 9: a listener of %s that throws disturbs no other', (type) => {
  const reports = catchReports()
  const emitter = setUp()
  const error = new Error('mine')
  emitter.on(type, () => {
    throw error
  })
  emitter.on('a', hear('second'))
  emitter.on('*', hear('any'))
  expect(() => emitter.emit('a', 1)).not.toThrow()
  expect(heard).toEqual([
    ['second', 1],
    ['any', 'a', 1],
  ])
  expect(reports).toEqual([error])
})
