/** The events: what they say of themselves. */
import { next, type Scenario, type Socket, task } from '../scenario.js'

const types = ['open', 'message', 'error', 'close'] as const

/** Everything an event says of itself that does not depend on the server. */
function look(event: Event, socket: Socket): unknown {
  const own: Record<string, unknown> = {}
  const { data, origin, lastEventId, source, ports } = event as MessageEvent
  const { code, reason, wasClean } = event as CloseEvent
  if (event.type === 'message')
    Object.assign(own, { data, origin, lastEventId, source, ports, frozen: Object.isFrozen(ports) })
  if (event.type === 'close') Object.assign(own, { code, reason, wasClean })
  return {
    type: event.type,
    text: String(event),
    isEvent: event instanceof Event,
    constructor: event.constructor.name,
    bubbles: event.bubbles,
    cancelable: event.cancelable,
    composed: event.composed,
    defaultPrevented: event.defaultPrevented,
    phase: event.eventPhase,
    target: event.target === socket,
    currentTarget: event.currentTarget === socket,
    path: event.composedPath().length,
    ...own,
  }
}

const plain = {
  isEvent: true,
  bubbles: false,
  cancelable: false,
  composed: false,
  defaultPrevented: false,
  phase: 2,
  target: true,
  currentTarget: true,
  path: 1,
}

export const events: readonly Scenario[] = [
  {
    name: 'what the events are',
    run: async ({ create, server }) => {
      const seen: unknown[] = []
      const watch = async (socket: Socket): Promise<void> => {
        for (const type of types)
          socket.addEventListener(type, (event) => void seen.push(look(event, socket)))
        await next(socket, 'close')
      }
      await watch(create(`${server}/broken`))
      return JSON.parse(JSON.stringify(seen).replaceAll(server, 'SERVER'))
    },
    expected: [
      { type: 'open', text: '[object Event]', constructor: 'Event', ...plain },
      {
        type: 'message',
        text: '[object MessageEvent]',
        constructor: 'MessageEvent',
        ...plain,
        data: 'good',
        origin: 'SERVER',
        lastEventId: '',
        source: null,
        ports: [],
        frozen: true,
      },
      { type: 'error', text: '[object Event]', constructor: 'Event', ...plain },
      {
        type: 'close',
        text: '[object CloseEvent]',
        constructor: 'CloseEvent',
        ...plain,
        code: 1006,
        reason: '',
        wasClean: false,
      },
    ],
  },
  {
    name: 'after its dispatch an event remembers its target only',
    run: async ({ create, server }) => {
      const socket = create(`${server}/burst?count=1`)
      const event = await next<MessageEvent>(socket, 'message')
      socket.close()
      await task()
      return [
        event.target === socket,
        event.currentTarget,
        event.eventPhase,
        event.composedPath().length,
        event.data,
      ]
    },
    expected: [true, null, 0, 0, '0'],
  },
  {
    name: 'every member of an event can be read',
    run: async ({ create, server }) => {
      const socket = create(`${server}/burst?count=1`)
      const message = await next(socket, 'message')
      socket.close()
      const close = await next(socket, 'close')
      return [message, close].map((event) => {
        const keys: string[] = []
        for (const key in event) {
          void event[key as keyof Event]
          keys.push(key)
        }
        const members = ['type', 'target', 'isTrusted', 'data', 'origin', 'lastEventId', 'source', 'ports']
        return [...members, 'code', 'reason', 'wasClean'].filter((key) => keys.includes(key))
      })
    },
    expected: [
      ['type', 'target', 'isTrusted', 'data', 'origin', 'lastEventId', 'source', 'ports'],
      ['type', 'target', 'isTrusted', 'code', 'reason', 'wasClean'],
    ],
  },
]
