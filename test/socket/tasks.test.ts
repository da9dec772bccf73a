import { expect, test } from 'vitest'
import { Tasks } from '../../src/socket/tasks.js'

function start() {
  const said: string[] = []
  const tasks = new Tasks({ rest: () => said.push('rest') })
  return { said, tasks }
}

test('what a task sets off runs after it, in order, and then comes the rest', () => {
  const { said, tasks } = start()
  tasks.run(() => {
    tasks.run(() => {
      said.push('b')
      tasks.run(() => said.push('d'))
    })
    tasks.run(() => said.push('c'))
    said.push(`a, ${tasks.busy}`)
  })
  expect([said, tasks.busy]).toEqual([['a, true', 'b', 'c', 'd', 'rest'], false])
})

test('between begin() and finish() tasks wait', () => {
  const { said, tasks } = start()
  tasks.begin()
  tasks.run(() => said.push('a'))
  expect([said, tasks.busy]).toEqual([[], true])
  tasks.finish()
  expect([said, tasks.busy]).toEqual([['a', 'rest'], false])
})

test('the stack does not grow', () => {
  const { tasks } = start()
  let left = 100_000
  const next = (): void => {
    if (--left > 0) tasks.run(next)
  }
  tasks.run(next)
  expect(left).toBe(0)
})

test('a task that throws leaves nothing behind', () => {
  const { said, tasks } = start()
  expect(() =>
    tasks.run(() => {
      tasks.run(() => said.push('never'))
      throw new Error('mine')
    }),
  ).toThrow('mine')
  tasks.run(() => said.push('a'))
  expect([said, tasks.busy]).toEqual([['a', 'rest'], false])
})
