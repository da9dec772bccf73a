/** Events for an engine that has none, against the classes of Node. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { OwnDOMException } from '../../src/engine/dom-exception.js'
import { OwnEvent } from '../../src/engine/event.js'
import { callsHandlers, OwnEventTarget } from '../../src/engine/event-target.js'
import { catchReports } from '../sim/socket.js'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

interface Classes {
  readonly Target: typeof EventTarget
  readonly Happening: typeof Event
}

const own = { Target: OwnEventTarget, Happening: OwnEvent } as unknown as Classes
const classes: readonly [string, Classes][] = [
  ['the engine’s', { Target: EventTarget, Happening: Event }],
  ['ours', own],
  ['ours, for an event of the engine', { ...own, Happening: Event }],
]

describe.each(classes)('%s', (_, { Target, Happening }) => {
  test('once, removal and signals', () => {
    const target = new Target()
    const heard: string[] = []
    const abort = new AbortController()
    const removed = (): void => void heard.push('removed')
    target.addEventListener('x', () => target.removeEventListener('x', removed), { once: true })
    target.addEventListener('x', removed)
    target.addEventListener('x', () => void heard.push('aborted'), { signal: abort.signal })
    target.addEventListener('x', () => void heard.push('never'), { signal: AbortSignal.abort() })
    target.dispatchEvent(new Happening('x'))
    abort.abort()
    target.addEventListener('x', removed)
    target.dispatchEvent(new Happening('x'))
    expect(heard).toEqual(['aborted', 'removed'])
  })

  test('the event says where it is', () => {
    const target = new Target()
    const event = new Happening('x', { cancelable: true })
    const seen: unknown[] = []
    target.addEventListener('x', (given) => {
      seen.push(given === event, given.target, given.currentTarget, given.eventPhase, given.composedPath())
      given.stopPropagation()
      given.preventDefault()
    })
    expect([event.target, event.currentTarget, event.eventPhase, event.composedPath()]).toEqual([
      null,
      null,
      0,
      [],
    ])
    expect(target.dispatchEvent(event)).toBe(false)
    expect(seen).toEqual([true, target, target, 2, [target]])
    expect([event.target, event.currentTarget, event.eventPhase, event.composedPath()]).toEqual([
      target,
      null,
      0,
      [],
    ])
    expect([event.defaultPrevented, event.bubbles, event.composed, event.isTrusted]).toEqual([
      true,
      false,
      false,
      false,
    ])
  })
})

// Node's own class departs from the standard in both
describe.each(classes.slice(1))('%s', (_, { Target, Happening }) => {
  test('listeners hear in order, each once, those that capture first', () => {
    const target = new Target()
    const heard: string[] = []
    const twice = (): void => void heard.push('twice')
    target.addEventListener('x', twice)
    target.addEventListener('x', twice)
    target.addEventListener('x', { handleEvent: ({ type }) => void heard.push(`object ${type}`) })
    target.addEventListener('x', () => void heard.push('capture'), true)
    target.addEventListener('y', () => void heard.push('y'))
    for (const nothing of [null, undefined]) target.addEventListener('x', nothing as null)
    expect(target.dispatchEvent(new Happening('x'))).toBe(true)
    expect(heard).toEqual(['capture', 'twice', 'object x'])
  })

  test('may be stopped, dispatched again, and not within itself', () => {
    const target = new Target()
    const event = new Happening('x')
    let calls = 0
    target.addEventListener('x', (given) => {
      calls++
      given.stopImmediatePropagation()
      expect(() => target.dispatchEvent(given)).toThrow('InvalidStateError')
    })
    target.addEventListener('x', () => (calls += 100))
    target.dispatchEvent(event)
    target.dispatchEvent(event)
    expect(calls).toBe(2)
  })

  test('a listener is removed from its type and phase alone', () => {
    const target = new Target()
    let calls = 0
    const count = (): void => void calls++
    target.addEventListener('x', count)
    target.removeEventListener('y', count)
    target.removeEventListener('x', count, true)
    target.dispatchEvent(new Happening('x'))
    expect(calls).toBe(1)
  })

  test('what cannot be cancelled is not', () => {
    const target = new Target()
    target.addEventListener('x', (event) => event.preventDefault())
    expect(target.dispatchEvent(new Happening('x'))).toBe(true)
  })
})

test('an event of the engine passes through the targets of two copies of the package', async () => {
  const { OwnEventTarget: Other } = await import('../../src/engine/event-target.js')
  vi.resetModules()
  const again = await import('../../src/engine/event-target.js')
  expect(again.OwnEventTarget).not.toBe(Other)
  const event = new Event('x')
  for (const target of [new Other(), new again.OwnEventTarget()]) {
    const seen: unknown[] = []
    target.addEventListener('x', () => {
      seen.push(event.target, event.currentTarget, event.eventPhase, ...event.composedPath())
      event.stopImmediatePropagation()
    })
    target.addEventListener('x', () => seen.push('stopped too late'))
    target.dispatchEvent(event)
    expect(seen).toEqual([target, target, 2, target])
  }
})

test('a listener that throws disturbs no other', () => {
  const reports = catchReports()
  const target = new OwnEventTarget()
  const error = new Error('of a listener')
  let heard = 0
  target.addEventListener('x', () => {
    throw error
  })
  target.addEventListener('x', () => heard++)
  target.dispatchEvent(new OwnEvent('x'))
  expect(heard).toBe(1)
  expect(reports).toEqual([error])
})

test('an engine that calls on… properties by itself is found out', () => {
  class Calling extends EventTarget {
    override dispatchEvent(event: Event): boolean {
      const handler = (this as unknown as Record<string, unknown>)[`on${event.type}`]
      if (typeof handler === 'function') Reflect.apply(handler, this, [event])
      return super.dispatchEvent(event)
    }
  }
  expect([callsHandlers(Calling, Event), callsHandlers(EventTarget, Event)]).toEqual([true, false])
})

test('an exception has its name', () => {
  const error = new OwnDOMException('no', 'SyntaxError')
  expect([String(error), error instanceof Error]).toEqual(['SyntaxError: no', true])
  expect(Object.getOwnPropertyDescriptor(error, 'name')).toEqual({
    value: 'SyntaxError',
    enumerable: false,
    configurable: true,
    writable: true,
  })
  expect(new OwnDOMException()).toMatchObject({ name: 'Error', message: '' })
})

describe('what the build takes', () => {
  const load = () => import('../../src/engine/index.js')

  test('the engine’s own, where all is in order', async () => {
    expect(await load()).toMatchObject({ DOMException, Event, EventTarget, URL })
  })

  test('ours, where there is none', async () => {
    for (const name of ['DOMException', 'Event', 'EventTarget']) vi.stubGlobal(name, undefined)
    vi.stubGlobal(
      'URL',
      class extends URL {
        override get origin(): string {
          return 'null'
        }
      },
    )
    const found = await load()
    expect(Object.values(found).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['OwnDOMException', 'OwnEvent', 'OwnEventTarget', 'OwnURL']),
    )
  })

  test.each(['Event', 'EventTarget'])('both ours, where %s is missing', async (name) => {
    vi.stubGlobal(name, undefined)
    const found = await load()
    expect([found.Event.name, found.EventTarget.name]).toEqual(['OwnEvent', 'OwnEventTarget'])
  })

  test('our target where the engine’s calls on… properties, and its events', async () => {
    class Calling extends EventTarget {
      override dispatchEvent(event: Event): boolean {
        ;(this as unknown as Record<string, () => void>)[`on${event.type}`]!()
        return true
      }
    }
    vi.stubGlobal('EventTarget', Calling)
    const found = await load()
    expect([found.EventTarget.name, found.Event]).toEqual(['OwnEventTarget', Event])
  })
})
