/** Message events do not go through the engine's dispatch, and nobody can tell. For pages: e2e/messages.spec.ts. */
import { inspect } from 'node:util'
import { describe, expect, it, type MockInstance, onTestFinished, vi } from 'vitest'
import type { WebSocket as Peer } from 'ws'
import { platform } from '../../src/platform/node.js'
import { MessageListeners } from '../../src/websocket/messages.js'
import { dial, next, server } from './harness.js'

type Face = ReturnType<typeof dial>

/** What listeners to `message` heard of one. */
async function heard(listen: (socket: Face, say: (word: string) => void) => void): Promise<string[]> {
  server.once('connection', (other: Peer) => other.send('x'))
  const socket = dial({ retry: false })
  const words: string[] = []
  listen(socket, (word) => words.push(word))
  const closed = next(socket, 'close')
  socket.onopen = () => setTimeout(() => socket.close(), 30)
  await closed
  return words
}

/** The same, and how many of them went through the engine's dispatch. */
async function dispatching(
  listen: Parameters<typeof heard>[0],
): Promise<{ words: string[]; dispatched: number }> {
  let spy!: MockInstance<EventTarget['dispatchEvent']>
  const words = await heard((socket, say) => {
    listen(socket, say)
    // not before: it would be found to have been replaced
    spy = vi.spyOn(EventTarget.prototype, 'dispatchEvent')
  })
  const dispatched = spy.mock.calls.filter(([event]) => event.type === 'message').length
  spy.mockRestore()
  return { words, dispatched }
}

const members = [
  ...['type', 'data', 'lastEventId', 'source', 'bubbles', 'cancelable', 'composed', 'eventPhase'],
  ...['defaultPrevented', 'returnValue', 'cancelBubble', 'isTrusted'],
] as const

/** By the standard: Node's own dispatch takes each listener but the first for one after the event. */
const cases: Readonly<Record<string, [string[], (socket: Face, say: (word: string) => void) => void]>> = {
  'in the order of their registration, onmessage where it was set first': [
    ['1', '2 again', '3'],
    (socket, say) => {
      socket.addEventListener('message', () => say('1'))
      socket.onmessage = () => say('2')
      socket.addEventListener('message', () => say('3'))
      socket.onmessage = () => say('2 again')
    },
  ],
  'once each, however often they were added': [
    ['1'],
    (socket, say) => {
      const one = (): void => say('1')
      socket.addEventListener('message', one)
      socket.addEventListener('message', one, false)
    },
  ],
  'not those that were removed, before or meanwhile': [
    ['3'],
    (socket, say) => {
      const [gone, late] = [(): void => say('gone'), (): void => say('late')]
      socket.addEventListener('message', gone)
      socket.addEventListener('message', () => socket.removeEventListener('message', late))
      socket.addEventListener('message', late)
      socket.addEventListener('message', () => say('3'))
      socket.removeEventListener('message', gone)
      socket.onmessage = () => say('handler')
      socket.onmessage = null
    },
  ],
  'though removed as a capturing one, which it is not': [
    ['1'],
    (socket, say) => {
      const one = (): void => say('1')
      socket.addEventListener('message', one)
      socket.removeEventListener('message', one, true)
      socket.removeEventListener('message', one, { capture: true })
    },
  ],
  'not those that were removed meanwhile and added again': [
    [],
    (socket, say) => {
      const again = (): void => say('again')
      socket.addEventListener('message', () => {
        socket.removeEventListener('message', again)
        socket.addEventListener('message', again)
      })
      socket.addEventListener('message', again)
    },
  ],
  'not those that were added meanwhile': [
    [],
    (socket, say) => {
      socket.addEventListener('message', () => socket.addEventListener('message', () => say('too late')))
    },
  ],
  'none behind one that stops the event at once': [
    ['true'],
    (socket, say) => {
      socket.addEventListener('message', (event) => event.stopPropagation())
      socket.addEventListener('message', (event) => {
        say(String((event as unknown as { cancelBubble: boolean }).cancelBubble))
        event.stopImmediatePropagation()
        // which takes nothing back
        event.stopPropagation()
      })
      socket.addEventListener('message', () => say('stopped'))
    },
  ],
  'all, where one says that it need not go further': [
    ['false', 'true'],
    (socket, say) => {
      socket.addEventListener('message', (event) => {
        const bubbling = event as unknown as { cancelBubble: boolean }
        bubbling.cancelBubble = false
        say(String(bubbling.cancelBubble))
        bubbling.cancelBubble = true
      })
      socket.addEventListener('message', (event) =>
        say(String((event as unknown as { cancelBubble: boolean }).cancelBubble)),
      )
    },
  ],
  'with the socket as this, and as the target': [
    ['true', 'true', ',0,0', 'true,false'],
    (socket, say) => {
      socket.addEventListener('message', function (this: unknown, event) {
        const { target, srcElement, currentTarget } = event as MessageEvent
        say(String([this, target, srcElement, currentTarget].every((one) => one === socket)))
        say(String(event.composedPath()[0] === socket && event.composedPath().length === 1))
        event.stopPropagation()
        queueMicrotask(() =>
          say(String([event.currentTarget, event.eventPhase, event.composedPath().length])),
        )
        const { cancelBubble } = event as unknown as Event
        queueMicrotask(() => say(String([cancelBubble, (event as unknown as Event).cancelBubble])))
      })
    },
  ],
  'with an event of the engine’s classes, and its members': [
    [
      'true,true,true',
      ...['type message', 'data x', 'lastEventId ', 'source null'],
      ...['bubbles false', 'cancelable false', 'composed false', 'eventPhase 2', 'defaultPrevented false'],
      ...['returnValue true', 'cancelBubble false', 'isTrusted false', 'true'],
      'bubbles cancelBubble cancelable composed composedPath currentTarget data defaultPrevented eventPhase isTrusted ' +
        'lastEventId origin ports preventDefault returnValue source srcElement stopImmediatePropagation ' +
        'stopPropagation target timeStamp type',
    ],
    (socket, say) => {
      socket.addEventListener('message', (event) => {
        say(
          String([event instanceof Event, event instanceof MessageEvent, event.constructor === MessageEvent]),
        )
        event.preventDefault()
        Object.assign(event, { returnValue: false })
        ;(event as unknown as Event).initEvent('open', true)
        for (const name of members)
          say(`${name} ${String((event as unknown as Record<string, unknown>)[name])}`)
        say(String(event.timeStamp > 0 && event.timeStamp === event.timeStamp))
        const keys: string[] = []
        for (const key in event) if (!key.startsWith('init')) keys.push(key)
        say(keys.sort().join(' '))
      })
    },
  ],
  'with an event that can be dispatched elsewhere': [
    ['x'],
    (socket, say) => {
      const other = new EventTarget()
      other.addEventListener('message', (event) => say((event as MessageEvent<string>).data))
      socket.addEventListener('message', (event) =>
        queueMicrotask(() => other.dispatchEvent(event as unknown as Event)),
      )
    },
  ],
  'and of a page’s own event too': [
    ['mine', 'x'],
    (socket, say) => {
      socket.addEventListener('message', (event) => say(String(event.data)))
      socket.dispatchEvent(new MessageEvent('message', { data: 'mine' }))
    },
  ],
}

describe('listeners to message are called', () => {
  it.each(Object.entries(cases))('%s', async (_, [words, listen]) => {
    expect(await heard(listen)).toEqual(words)
  })

  it('by the engine where one has options, with the others in order', async () => {
    const { words, dispatched } = await dispatching((socket, say) => {
      socket.addEventListener('message', () => say('1'))
      socket.addEventListener('message', () => say('2'), { once: true })
      socket.addEventListener('message', () => say('3'))
    })
    expect(words).toEqual(['1', '2', '3'])
    expect(dispatched).toBe(1)
  })

  it('not by the engine where all are functions without options', async () => {
    const { words, dispatched } = await dispatching((socket, say) => {
      socket.removeEventListener('message', () => say('gone'))
      socket.addEventListener('message', null)
      socket.addEventListener('message', () => say('1'), false)
      socket.onmessage = () => say('2')
    })
    expect(words).toEqual(['1', '2'])
    expect(dispatched).toBe(0)
  })

  it.each(['addEventListener', 'dispatchEvent'] as const)(
    'by the engine where somebody has replaced %s before they were added',
    async (method) => {
      const own = EventTarget.prototype[method] as (...given: unknown[]) => unknown
      EventTarget.prototype[method] = function (this: EventTarget, ...given: unknown[]) {
        return own.apply(this, given)
      } as never
      onTestFinished(() => void Object.assign(EventTarget.prototype, { [method]: own }))
      const { words, dispatched } = await dispatching((socket, say) =>
        socket.addEventListener('message', () => say('1')),
      )
      expect(words).toEqual(['1'])
      expect(dispatched).toBe(1)
    },
  )

  it('by the engine where its methods should be native and are not', async () => {
    Object.assign(platform, { scripted: false })
    onTestFinished(() => void Object.assign(platform, { scripted: true }))
    const { words, dispatched } = await dispatching((socket, say) =>
      socket.addEventListener('message', () => say('1')),
    )
    expect(words).toEqual(['1'])
    expect(dispatched).toBe(1)
  })

  it('not by the engine where its methods should be native and are', async () => {
    const { addEventListener, dispatchEvent } = EventTarget.prototype
    const native = Array.prototype.push.bind([])
    Object.assign(platform, { scripted: false })
    onTestFinished(() => {
      Object.assign(platform, { scripted: true })
      Object.assign(EventTarget.prototype, { addEventListener, dispatchEvent })
    })
    const messages = new MessageListeners()
    Object.assign(EventTarget.prototype, { addEventListener: native, dispatchEvent: native })
    messages.add(() => {})
    Object.assign(EventTarget.prototype, { addEventListener, dispatchEvent })
    expect(messages.tell(new EventTarget(), 'x', '')).toBe(true)
  })

  it('also where one throws: its error is reported', async () => {
    const reported: unknown[] = []
    vi.stubGlobal('reportError', (error: Error) => reported.push(error.message))
    onTestFinished(() => void vi.unstubAllGlobals())
    const words = await heard((socket, say) => {
      socket.addEventListener('message', () => {
        throw new Error('mine')
      })
      socket.addEventListener('message', () => say('2'))
    })
    expect([words, reported]).toEqual([['2'], ['mine']])
  })

  it('with an event that can be looked at', async () => {
    const [shown] = await heard((socket, say) =>
      socket.addEventListener('message', (event) => say(inspect(event))),
    )
    expect(shown).toContain("type: 'message'")
    expect(shown).toContain("data: 'x'")
  })
})
