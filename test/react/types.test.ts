/** What the hooks give is what the socket's messages are. */
import { expectTypeOf, test } from 'vitest'
import { type Data, type Events, json, ReconnectingSocket, type Sendable } from '../../src/index.js'
import { createElement, type ReactElement } from 'react'
import {
  SocketProvider,
  useLastMessage,
  useMessages,
  useReconnectingSocket,
  useSocket,
} from '../../src/react/index.js'

interface Price {
  readonly price: number
}

test('messages have the type that the socket gives them', () => {
  const plain = (socket: ReconnectingSocket) => [useMessages(socket), useLastMessage(socket)] as const
  expectTypeOf(plain).returns.toEqualTypeOf<readonly [readonly Data[], Data | undefined]>()
  const typed = (socket: ReconnectingSocket<Events, Price, Price>) => useMessages(socket, { limit: 3 })
  expectTypeOf(typed).returns.toEqualTypeOf<readonly Price[]>()
  const told = (socket: ReconnectingSocket) => useMessages<Price>(socket as never)
  expectTypeOf(told).returns.toEqualTypeOf<readonly Price[]>()
})

interface Order {
  readonly buy: string
}

test('a codec among the options says what messages are', () => {
  const codec = json<Order, Price>()
  const coded = () => {
    const { socket } = useReconnectingSocket('wss://a.test/', { codec, retry: false })
    // @ts-expect-error no order
    const wrong = (): unknown => socket.send({ price: 5 })
    return [socket, useLastMessage(socket), useMessages(socket), wrong] as const
  }
  type Coded = ReconnectingSocket<Events, Order, Price>
  expectTypeOf(coded).returns.toEqualTypeOf<
    readonly [Coded, Price | undefined, readonly Price[], () => unknown]
  >()
  const made = () =>
    useReconnectingSocket('wss://a.test/', { codec, create: (url, own) => new ReconnectingSocket(url, own) })
      .socket
  expectTypeOf(made).returns.toEqualTypeOf<Coded>()
  const below = (): Coded => useSocket<Coded>().socket
  expectTypeOf(below).returns.toEqualTypeOf<Coded>()
  const above = (): ReactElement =>
    createElement(SocketProvider<Coded, Order, Price>, { url: '/', options: { codec } })
  expectTypeOf(above).returns.toExtend<ReactElement>()
})

test('without a codec they are what the socket sends and gets', () => {
  const plain = () => useReconnectingSocket('wss://a.test/', { retry: false }).socket
  expectTypeOf(plain).returns.toEqualTypeOf<ReconnectingSocket<Events, Sendable, Data>>()
  const bare = () => useReconnectingSocket('wss://a.test/').socket
  expectTypeOf(bare).returns.toEqualTypeOf<ReconnectingSocket>()
  const own = () => useReconnectingSocket('wss://a.test/', { create: () => new Mine() }).socket
  expectTypeOf(own).returns.toEqualTypeOf<Mine>()
})

class Mine extends ReconnectingSocket {
  readonly mine = 'mine'

  constructor() {
    super('wss://a.test/', { autoConnect: false })
  }
}
