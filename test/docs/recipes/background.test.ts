/** What docs/recipes/background.md promises. */
import { describe, expect, test } from 'vitest'
import { PING, TEXT } from '../../faults/raw-server.js'
import { closing, listen, play } from '../sample.js'

const PAGE = 'docs/recipes/background.md'

describe('the connection is closed while the page is hidden', () => {
  /** A page, as far as it matters here. */
  const page = (visibilityState: string): string => `
    globalThis.document = Object.assign(new EventTarget(), { visibilityState: '${visibilityState}' })
    const turn = (visibilityState) => {
      Object.assign(document, { visibilityState }).dispatchEvent(new Event('visibilitychange'))
      return socket.state
    }
  `

  test('also if it was hidden from the start', async () => {
    const server = await listen()
    const sample = play(PAGE, 1, server, {
      before: `${page('hidden')}\nsetInterval(() => console.log('on'), 10)`,
    })
    await sample.prints('on')
    expect(await sample.ask('socket.state')).toBe('closed')
    await sample.ask("turn('visible')")
    await (await server.connection(0)).frame(TEXT)
  })

  test('while it is dialing', async () => {
    const server = await listen(() => {})
    const sample = play(PAGE, 1, server, { before: page('visible') })
    const connection = await server.connection(0)
    await connection.request
    expect(await sample.ask("turn('hidden')")).toBe('closed')
    await connection.ended
    expect(await sample.ended).toEqual({ status: 0, errors: '' })
  })

  test('what is sent meanwhile waits, and it comes back at once', async () => {
    const server = await listen()
    const sample = play(PAGE, 1, server, { before: page('visible') })
    const connection = await server.connection(0)
    await connection.frame(TEXT)
    connection.answers = 'nothing'
    expect(await sample.ask("turn('hidden')")).toBe('closing')
    await sample.ask("socket.send('waiting')")
    await sample.ask("turn('visible')")
    expect(await closing(connection)).toEqual([1005, ''])
    connection.close()
    const next = await server.connection(1)
    await next.frame(TEXT)
    expect(next.texts).toEqual(['waiting'])
  })
})

describe('React Native', () => {
  const change = {
    'addEventListener: (_listener) => () => {}':
      "addEventListener: (heard) => ((network = heard), () => console.log('network'))",
    'addEventListener: (_type, _listener) => ({ remove() {} })':
      "addEventListener: (type, heard) => ((app[type] = heard), { remove: () => console.log('app') })",
  }
  // 1012 means 5 to 30 s
  const before = 'let network\nconst app = {}\nMath.random = () => 0.9\n'

  test.each(['network({ isConnected: true })', "app.change('active')"])(
    '%s: it does not wait any longer',
    async (event) => {
      const server = await listen((connection, n) => {
        void connection.accept().then(() => n === 0 && connection.close(1012))
      })
      const sample = play(PAGE, 2, server, { change, before })
      await server.connection(0)
      await expect.poll(() => sample.ask('socket.snapshot.phase')).toBe('waiting')
      const idle = "app.change('background'), network({ isConnected: false }), socket.snapshot.phase"
      expect(await sample.ask(idle)).toBe('waiting')
      const due = await sample.ask<number>('socket.snapshot.nextDialAt')
      await sample.ask(`${event}, ''`)
      await server.connection(1)
      expect(Date.now()).toBeLessThan(due - 10_000)
      await sample.ask('socket.close()')
      expect(await sample.ended).toEqual({ status: 0, errors: '' })
      expect(sample.lines).toEqual(['network', 'app'])
    },
  )

  test('without a network the connection is only probed', async () => {
    const server = await listen()
    const sample = play(PAGE, 2, server, { change, before })
    const connection = await server.connection(0)
    await connection.frame(TEXT)
    await sample.ask("app.change('background'), network({ isConnected: false }), ''")
    await connection.frame(PING)
    expect(await sample.ask('socket.state')).toBe('open')
  })
})
