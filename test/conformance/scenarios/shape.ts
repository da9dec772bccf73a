/** WebIDL: what the interface object, its prototype and its instances look like. */
import { outcome, type Scenario, type Setup } from '../scenario.js'

const constants = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED']
const readOnly = ['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol']
const writable = ['onopen', 'onerror', 'onclose', 'onmessage', 'binaryType']
const methods = ['close', 'send']

const prototypeOf = ({ WebSocket }: Setup): Record<string, unknown> => WebSocket.prototype as never

function members(object: object): Record<string, PropertyDescriptor> {
  return Object.getOwnPropertyDescriptors(object)
}

const flags = ({ writable, enumerable, configurable }: PropertyDescriptor): string =>
  [writable && 'writable', enumerable && 'enumerable', configurable && 'configurable']
    .filter(Boolean)
    .join(' ')

export const shape: readonly Scenario[] = [
  {
    name: 'the interface object',
    run: ({ WebSocket }) => ({
      type: typeof WebSocket,
      name: WebSocket.name,
      length: WebSocket.length,
      nameFlags: flags(members(WebSocket)['name']!),
      lengthFlags: flags(members(WebSocket)['length']!),
      prototypeFlags: flags(members(WebSocket)['prototype']!),
      parent: Object.getPrototypeOf(WebSocket) === EventTarget,
      keys: Object.keys(WebSocket),
    }),
    expected: {
      type: 'function',
      name: 'WebSocket',
      length: 1,
      nameFlags: 'configurable',
      lengthFlags: 'configurable',
      prototypeFlags: '',
      parent: true,
      keys: constants,
    },
  },
  {
    name: 'the interface prototype object',
    run: (setup) => {
      const prototype = prototypeOf(setup)
      const tag = Object.getOwnPropertyDescriptor(prototype, Symbol.toStringTag)!
      const constructor = members(prototype)['constructor']!
      return {
        parent: Object.getPrototypeOf(prototype) === EventTarget.prototype,
        constructor: constructor.value === setup.WebSocket,
        constructorFlags: flags(constructor),
        tag: tag.value as string,
        tagFlags: flags(tag),
        enumerable: Object.keys(prototype).sort(),
      }
    },
    expected: {
      parent: true,
      constructor: true,
      constructorFlags: 'writable configurable',
      tag: 'WebSocket',
      tagFlags: 'configurable',
      enumerable: [...constants, ...readOnly, ...writable, ...methods].sort(),
    },
  },
  {
    name: 'constants, on the interface object and its prototype',
    run: (setup) =>
      [setup.WebSocket, prototypeOf(setup)].map((object) =>
        constants.map((name) => {
          const constant = members(object)[name]!
          return `${name} ${String(constant.value)} ${flags(constant)}`
        }),
      ),
    expected: Array(2).fill(constants.map((name, value) => `${name} ${value} enumerable`)),
  },
  {
    name: 'attributes are accessors on the prototype',
    run: (setup) =>
      [...readOnly, ...writable].map((name) => {
        const { get, set, ...rest } = members(prototypeOf(setup))[name]!
        const setter = set && `${set.name}/${set.length}`
        return [`${get!.name}/${get!.length}`, setter, flags(rest)].filter(Boolean).join(' ')
      }),
    expected: [
      ...readOnly.map((name) => `get ${name}/0 enumerable configurable`),
      ...writable.map((name) => `get ${name}/0 set ${name}/1 enumerable configurable`),
    ],
  },
  {
    name: 'methods are properties of the prototype, and no constructors',
    run: (setup) =>
      methods.map((name) => {
        const method = members(prototypeOf(setup))[name]!
        const value = method.value as new () => unknown
        return [value.name, value.length, flags(method), outcome(() => new value())]
      }),
    expected: methods.map((name) => [
      name,
      name === 'send' ? 1 : 0,
      'writable enumerable configurable',
      'TypeError',
    ]),
  },
  {
    name: 'members refuse another this',
    run: (setup) => {
      const prototype = prototypeOf(setup)
      const others = [prototype, {}, new EventTarget(), undefined]
      const calls = others.flatMap((other) => [
        ...[...readOnly, ...writable].map(
          (name) => () => members(prototype)[name]!.get!.call(other) as unknown,
        ),
        ...writable.map((name) => () => members(prototype)[name]!.set!.call(other, null)),
        ...methods.map((name) => () => (prototype[name] as (x: string) => unknown).call(other, 'x')),
      ])
      return [...new Set(calls.map((run) => outcome(run)))]
    },
    expected: ['TypeError'],
  },
  {
    name: 'an instance has nothing of its own',
    run: ({ create, server }) => {
      const socket = create(`${server}/slow`)
      const inherited: string[] = []
      for (const key in socket) if (!(key in EventTarget.prototype)) inherited.push(key)
      socket.close()
      return { own: Object.keys(socket), inherited: inherited.sort(), text: String(socket) }
    },
    expected: {
      own: [],
      inherited: [...constants, ...readOnly, ...writable, ...methods].sort(),
      text: '[object WebSocket]',
    },
  },
  {
    name: 'read-only attributes and constants cannot be assigned or deleted away',
    run: ({ create, server }) => {
      const socket = create(`${server}/slow`) as unknown as Record<string, unknown> & { close(): void }
      const assigned = [...readOnly, ...constants].map((name) => Reflect.set(socket, name, 'other'))
      const deleted = readOnly.map((name) => Reflect.deleteProperty(socket, name))
      const after = [
        socket['url'] === `${server}/slow`,
        socket['readyState'],
        socket['OPEN'],
        'URL' in socket,
      ]
      socket.close()
      return { assigned: [...new Set(assigned)], deleted: [...new Set(deleted)], after }
    },
    expected: { assigned: [false], deleted: [true], after: [true, 0, 1, false] },
  },
]
