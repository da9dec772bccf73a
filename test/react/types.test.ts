/** What the hooks give is what the socket's messages are. */
import { expectTypeOf, test } from 'vitest'
import type { Data, ReconnectingSocket, Events } from '../../src/index.js'
import { useLastMessage, useMessages } from '../../src/react/index.js'

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
