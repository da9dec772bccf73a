/** Listeners, and the `on*` attributes among them. */
import { next, outcome, type Scenario, type Setup, type Socket, task } from '../scenario.js'

const types = ['open', 'message', 'error', 'close'] as const

function slow({ create, server }: Setup): Socket & Record<string, unknown> {
  return create(`${server}/slow`) as never
}

export const listeners: readonly Scenario[] = [
  {
    name: 'on* attributes keep objects and make null of the rest',
    run: (setup) => {
      const socket = slow(setup)
      const listener = (): void => {}
      const object = { handleEvent: () => {} }
      const seen = types.map((type) =>
        [
          listener,
          object,
          2,
          listener,
          'text',
          listener,
          undefined,
          listener,
          null,
          Object,
          Symbol.iterator,
        ].map((value) => {
          socket[`on${type}`] = value
          const now = socket[`on${type}`]
          return now === null ? null : now === value ? 'same' : 'other'
        }),
      )
      socket.close()
      return seen
    },
    expected: Array(4).fill(['same', 'same', null, 'same', null, 'same', null, 'same', null, 'same', null]),
  },
  {
    name: 'on* listeners: this, arguments, and objects that are not called',
    run: async ({ create, server }) => {
      const socket = create(`${server}/burst?count=1`)
      const seen: unknown[] = []
      for (const type of types) {
        ;(socket as unknown as Record<string, unknown>)[`on${type}`] = function (
          this: unknown,
          ...args: Event[]
        ) {
          seen.push([type, this === socket, args.length, args[0]!.type])
          if (type === 'message') socket.close()
          // means nothing here
          return false
        }
      }
      const other = create(`${server}/burst?count=1`)
      other.onmessage = { handleEvent: () => seen.push('handleEvent') }
      await Promise.all([next(socket, 'close'), next(other, 'message')])
      other.close()
      return seen
    },
    expected: [
      ['open', true, 1, 'open'],
      ['message', true, 1, 'message'],
      ['close', true, 1, 'close'],
    ],
  },
  {
    name: 'an on* listener runs where it was first set, and anew after null',
    run: async (setup) => {
      const order: string[] = []
      const note = (what: string) => (): void => void order.push(what)
      const socket = slow(setup)
      socket.addEventListener('open', note('first'))
      socket.onopen = note('never')
      socket.addEventListener('open', note('second'))
      socket.onopen = note('handler')
      socket.dispatchEvent(new Event('open'))
      socket.onopen = null
      socket.dispatchEvent(new Event('open'))
      socket.onopen = note('late handler')
      socket.dispatchEvent(new Event('open'))
      socket.onopen = 5
      socket.onopen = {}
      socket.addEventListener('open', note('third'))
      socket.onopen = note('last handler')
      socket.dispatchEvent(new Event('open'))
      socket.close()
      return order
    },
    expected: [
      ...['first', 'handler', 'second'],
      ...['first', 'second'],
      ...['first', 'second', 'late handler'],
      ...['first', 'second', 'last handler', 'third'],
    ],
  },
  {
    name: 'an on* listener changed while its event is dispatched',
    run: (setup) => {
      const order: string[] = []
      const socket = slow(setup)
      socket.addEventListener('open', () => {
        socket.onopen = () => order.push('replaced')
      })
      socket.onopen = () => order.push('original')
      socket.dispatchEvent(new Event('open'))
      socket.addEventListener('close', () => {
        socket.onclose = null
      })
      socket.onclose = () => order.push('removed')
      socket.dispatchEvent(new Event('close'))
      socket.close()
      return order
    },
    expected: ['replaced'],
  },
  {
    name: 'listeners: objects, once, capture, signal, doubles, removal, and stopping',
    run: async ({ create, server }) => {
      const order: string[] = []
      const socket = create(`${server}/burst?count=3`)
      const abort = new AbortController()
      const double = (): void => void order.push('double')
      const removed = (): void => void order.push('removed')
      const on = (type: string, what: string, options?: AddEventListenerOptions): void =>
        socket.addEventListener(
          type,
          (event) => void order.push(`${what} ${(event as MessageEvent).data as string}`),
          options,
        )
      on('message', 'capture', { capture: true })
      on('message', 'bubble')
      on('message', 'once', { once: true })
      on('message', 'signal', { signal: abort.signal })
      socket.addEventListener('message', {
        handleEvent(event: Event) {
          order.push(`object ${this === undefined ? '' : (event as MessageEvent<string>).data}`)
          abort.abort()
        },
      })
      socket.addEventListener('message', double)
      socket.addEventListener('message', double)
      socket.addEventListener('message', removed)
      socket.removeEventListener('message', removed)
      socket.addEventListener('message', (event) => {
        if ((event as MessageEvent).data === '1') event.stopImmediatePropagation()
      })
      on('message', 'last')
      socket.addEventListener('message', null)
      await new Promise<void>((resolve) => {
        on('message', 'end')
        socket.onmessage = ({ data }: MessageEvent) => {
          if (data === '2') resolve()
        }
      })
      socket.close()
      return order
    },
    expected: [
      ...['capture 0', 'bubble 0', 'once 0', 'signal 0', 'object 0', 'double', 'last 0', 'end 0'],
      ...['capture 1', 'bubble 1', 'object 1', 'double'],
      ...['capture 2', 'bubble 2', 'object 2', 'double', 'last 2', 'end 2'],
    ],
  },
  {
    name: 'messages reach a listener that is added late, and one that was removed no more',
    run: async ({ create, server }) => {
      const socket = create(`${server}/echo`)
      const seen: string[] = []
      await next(socket, 'open')
      socket.send('nobody listens')
      await task()
      socket.send('first')
      await new Promise<void>((resolve) => {
        socket.onmessage = ({ data }: MessageEvent<string>) => {
          seen.push(data)
          if (data === 'first') resolve()
        }
      })
      socket.onmessage = null
      const message = next<MessageEvent<string>>(socket, 'message')
      socket.send('second')
      seen.push((await message).data)
      socket.close()
      return seen.slice(-2)
    },
    expected: ['first', 'second'],
  },
  {
    name: 'events of the user are dispatched as any other',
    run: (setup) => {
      const socket = slow(setup)
      const seen: unknown[] = []
      socket.onmessage = (event: Event) => seen.push([event.type, socket.readyState])
      socket.onclose = (event: Event) => seen.push([event.type, socket.readyState])
      socket.addEventListener('custom', (event) => seen.push([event.type, event.cancelable]))
      const given = [
        socket.dispatchEvent(new Event('message')),
        socket.dispatchEvent(new Event('close')),
        socket.dispatchEvent(new Event('custom', { cancelable: true })),
        outcome(() => socket.dispatchEvent({} as Event)),
      ]
      socket.close()
      return { seen, given }
    },
    expected: {
      seen: [
        ['message', 0],
        ['close', 0],
        ['custom', true],
      ],
      given: [true, true, true, 'TypeError'],
    },
  },
  {
    name: 'a listener that throws disturbs no other, and its error is reported',
    where: 'page',
    run: async ({ create, server }) => {
      const seen: string[] = []
      const report = (event: ErrorEvent): void => {
        seen.push(`reported ${(event.error as Error).message}`)
        event.preventDefault()
      }
      globalThis.addEventListener('error', report)
      const socket = create(`${server}/burst?count=1`)
      socket.addEventListener('message', () => {
        throw new Error('listener')
      })
      socket.onmessage = () => {
        throw new Error('handler')
      }
      socket.addEventListener('message', () => seen.push('message'))
      await next(socket, 'message')
      await task()
      globalThis.removeEventListener('error', report)
      socket.close()
      return seen
    },
    expected: ['reported listener', 'reported handler', 'message'],
  },
]
