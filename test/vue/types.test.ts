/** What the composables give is what the socket's messages are. */
import { expectTypeOf, test } from 'vitest'
import type { Ref, ShallowRef } from 'vue'
import { type Data, type Events, json, ReconnectingSocket } from '../../src/index.js'
import { useLastMessage, useMessages, useReconnectingSocket } from '../../src/vue/index.js'

interface Price {
  readonly price: number
}

interface Order {
  readonly buy: string
}

type Coded = ReconnectingSocket<Events, Order, Price>

test('a codec among the options says what messages are', () => {
  const codec = json<Order, Price>()
  const coded = () => {
    const { socket } = useReconnectingSocket('wss://a.test/', { codec, enabled: false })
    // @ts-expect-error no order
    const wrong = (): unknown => socket.value.send({ price: 5 })
    return [socket, useLastMessage(socket), useMessages(socket), wrong] as const
  }
  expectTypeOf(coded).returns.toEqualTypeOf<
    readonly [
      Readonly<ShallowRef<Coded>>,
      Readonly<Ref<Price | undefined>>,
      Readonly<ShallowRef<readonly Price[]>>,
      () => unknown,
    ]
  >()
  const made = () =>
    useReconnectingSocket('wss://a.test/', { codec, create: (url, own) => new ReconnectingSocket(url, own) })
      .socket.value
  expectTypeOf(made).returns.toEqualTypeOf<Coded>()
})

test('without a codec they are what the socket gets', () => {
  const plain = () => useLastMessage(useReconnectingSocket('wss://a.test/').socket)
  expectTypeOf(plain).returns.toEqualTypeOf<Readonly<Ref<Data | undefined>>>()
})
