import { expect, test } from 'vitest'
import { phases, places, tall, wide } from '../../demo/page/places.js'
import { transition } from '../../src/machine/transition.js'
import { walk } from '../model/walk.js'

test.each([
  ['wide', wide],
  ['tall', tall],
])('the %s drawing of the demo has exactly the arrows of the machine', (_, layout) => {
  const real = new Set<string>()
  for (const arrow of walk(transition, 4).arrows) {
    const [from = '', , to = ''] = arrow.split(' ').map((part) => part.replace(/→.*/, ''))
    if (from !== to) real.add(`${from}>${to}`)
  }
  const drawn = Object.keys(layout.arrows).flatMap((name) =>
    name.startsWith('connecting>') ? phases.map((phase) => name.replace('connecting', phase)) : [name],
  )
  expect(drawn.sort()).toEqual([...real].sort())
  expect(Object.keys(layout.centers).sort()).toEqual([...places].sort())
})
