/** Nothing costs more per message because more messages wait: twice as many cost twice as much. */
import { expect, test } from 'vitest'
import { Sender } from '../../src/delivery/sender.js'
import { iterate } from '../../src/socket/iterate.js'
import { readSettings } from '../../src/options/settings.js'
import type { OutboxOptions } from '../../src/options/options.js'
import { growth } from '../cost.js'
import { SimClock } from '../sim/clock.js'
import { URL_A } from '../sim/socket.js'

function sender(outbox: OutboxOptions) {
  const clock = new SimClock()
  const { outbox: settings } = readSettings(URL_A, { outbox: { maxMessages: 1e6, maxBytes: 1e9, ...outbox } })
  return { clock, sender: new Sender(settings, clock, { dropped() {}, taken() {} }) }
}

/** With `n` messages in it. */
function full(n: number, outbox: OutboxOptions = {}) {
  const made = sender(outbox)
  for (let i = 0; i < n; i++) made.sender.send(String(i), {}, undefined)
  return made
}

const linear = 2.5

test('a flush that stops and goes on', () => {
  const grows = growth((n) => {
    const { sender } = full(n)
    return () => {
      let room = 0
      const connection = {
        doubtful: false,
        held: 0,
        get congested() {
          return room-- <= 0
        },
        send: () => true,
      }
      while (sender.bytes > 0) {
        room = 16
        sender.flush(connection)
      }
    }
  })
  expect(grows).toBeLessThan(linear)
})

test('the oldest making room for the newest', () => {
  const grows = growth((n) => {
    const { sender } = full(n, { maxMessages: n, overflow: 'drop-oldest' })
    return () => {
      for (let i = 0; i < n; i++) sender.send('x', {}, undefined)
    }
  })
  expect(grows).toBeLessThan(linear)
})

test('looking how many wait', () => {
  const grows = growth((n) => {
    const { sender } = full(n, { maxAge: 1_000 })
    return () => {
      for (let i = 0; i < n; i++) expect(sender.view.size).toBe(n)
    }
  })
  expect(grows).toBeLessThan(linear)
})

test('getting too old, each at a time of its own', () => {
  const grows = growth((n) => {
    const { sender: it, clock } = sender({})
    // the first to come is the last to go
    for (let i = 0; i < n; i++) it.send(String(i), { maxAge: 2 * n - i }, undefined)
    return () => {
      for (let i = 0; i <= 2 * n; i++) {
        clock.sleep(1)
        void it.view.size
      }
      expect(it.view.size).toBe(0)
    }
  }, 1_000)
  expect(grows).toBeLessThan(linear)
})

test('an iteration that is far behind', () => {
  const grows = growth((n) => {
    let tell!: (data: string) => void
    const iteration = iterate({
      limit: Infinity,
      onMessage: (listener) => ((tell = listener as never), () => {}),
      ifClosed: () => {},
      onClosed: () => () => {},
      pause: () => undefined,
    })
    for (let i = 0; i < n; i++) tell('x')
    return () => {
      for (let i = 0; i < n; i++) void iteration.next()
    }
  })
  expect(grows).toBeLessThan(linear)
})
