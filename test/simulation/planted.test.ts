/** Shows that the simulation can find bugs: known ones, planted one by one into a copy of the sources, are caught. */
import { describe, expect, test } from 'vitest'
import { plantIn, type Change } from '../planted.js'
import { hunt } from './hunt.js'
import { script } from './script.js'
import type { Subject } from './simulate.js'

/** Each from field-failures of libraries like this one. */
const bugs: Readonly<Record<string, readonly Change[]>> = {
  'a stale event is accepted': [
    ['machine/transition.ts', 'return (stale ?', 'return (stale && false ?'],
    ['connection/connection.ts', 'this.#audience = undefined', ''],
    ['socket/shell.ts', 'if (this.#connection && this.#state.id === id) this.#step', 'this.#step'],
  ],
  'the retry timer is not cleared': [['socket/shell.ts', 'this.#judge.stop()', '']],
  'the heartbeat outlives its connection': [
    ['connection/connection.ts', 'this.#heartbeat?.stop()\n    this.#link?.drop()', 'this.#link?.drop()'],
  ],
  'the retired connection is not dropped': [['connection/connection.ts', 'this.#link?.drop()', '']],
  'the backoff is reset by any open': [
    [
      'retry/retry.ts',
      'const stable = lived >= (this.#settings.retry?.stableAfter ?? 0)',
      'const stable = true || lived',
    ],
  ],
  'close() does not stop the backoff': [
    [
      'machine/transition.ts',
      "return prepare(state, retries, opens)\n    case 'close':\n    case 'terminate':\n      return close(state, userEnd)",
      "return prepare(state, retries, opens)\n    case 'close':\n    case 'terminate':\n      return phase === 'waiting' ? undefined : close(state, userEnd)",
    ],
  ],
  'an outbox entry is lost where the platform does not take it': [
    [
      'delivery/sender.ts',
      'if (!connection.send(message)) return false',
      'outbox.leave(next)\n      if (!connection.send(message)) return false',
    ],
  ],
  'what was not transmitted is forgotten': [
    [
      'socket/shell.ts',
      'this.sender.restore(this.#connection?.release() ?? [])',
      'this.#connection?.release()',
    ],
  ],
  'what was not transmitted goes behind what came later': [
    ['delivery/queue.ts', 'this.#items = [...items, ...this]', 'this.#items = [...this, ...items]'],
  ],
  'a send during the flush overtakes': [
    ['delivery/sender.ts', 'connection !== undefined && outbox.size === 0 &&', 'connection !== undefined &&'],
  ],
  'a peer that reads nothing is sent everything': [
    ['delivery/sender.ts', 'return held === 0 || this.#spare >= more', 'return true'],
  ],
  'a drain is over while the platform still holds something': [
    ['socket/drain.ts', 'if (left.messages === 0 && left.bytes === 0)', 'if (left.messages === 0)'],
  ],
  'a drain goes on for a socket that is closed': [
    ['socket/drain.ts', "else if (state === 'closed')", 'else if (0)'],
  ],
  'close() does not drain first': [
    ['socket/shell.ts', 'if (timeout === 0) return', 'if (timeout >= 0) return'],
  ],
  'a close() that drains outlives what overrules it': [
    ['socket/shell.ts', 'this.#draining?.abort()\n      this.#draining = undefined', ''],
  ],
  'what cannot be decoded is not told': [
    [
      'socket/deliver.ts',
      "return emitter.emit('undecodable', { data, error: error as CodecError })",
      'return void error',
    ],
  ],
  'a dropped message is not reported': [
    ['delivery/sender.ts', "for (const old of overflown) this.#drop('overflow', old)", ''],
  ],
  'a message that got too old is told of when somebody looks': [
    ['delivery/sender.ts', "if (this.#watch === 'off' || expires >= this.#due) return", 'if (1) return'],
  ],
  'a volatile message is sent again': [
    ['delivery/sender.ts', 'waits && !volatile', 'waits'],
    ['delivery/sender.ts', "if (message.volatile) this.#drop('volatile', message)", 'if (message.volatile);'],
  ],
  'no deadline while connecting': [
    ['connection/connection.ts', 'this.#deadline.expect(connectTimeout, () => {', 'void (() => {'],
  ],
  'no deadline for the hello': [
    [
      'connection/connection.ts',
      'this.#greeting = new Greeting(this.#link!, readAhead)',
      'this.#greeting = new Greeting(this.#link!, readAhead); this.#deadline.stop()',
    ],
  ],
  'open comes before the hello is done': [
    [
      'connection/connection.ts',
      "this.#audience?.feed({ type: 'connected', id })",
      "this.#audience?.feed({ type: 'connected', id }), this.#audience?.feed({ type: 'opened', id })",
    ],
  ],
  'what the hello sent is sent again': [
    [
      'connection/greeting.ts',
      'this.#link.beat(message)',
      'this.#link.send({ data: message, expires: Infinity })',
    ],
  ],
  'the hello of a lost connection goes on': [
    ['connection/greeting.ts', 'if (isOver(this.#state)) throw this.#state\n', ''],
    ['connection/greeting.ts', 'if (!this.#link.ready) {', 'if (0) {'],
    ['connection/connection.ts', 'this.#audience = undefined', ''],
    ['machine/transition.ts', 'return (stale ?', 'return (stale && false ?'],
  ],
  'a hello that came too late hides how the connection ended': [
    ['connection/connection.ts', "if (greeting.state === 'late')", 'if (false)'],
  ],
  'what an engine goes on with is sent again': [
    ['platform/whatwg.ts', 'if (socket.readyState !== CLOSED && !socket.terminate) return []', ''],
  ],
  'what an engine holds for certain is forgotten': [
    ['platform/whatwg.ts', 'if (socket.readyState !== CLOSED && !socket.terminate) return []', 'return []'],
  ],
  'a write under way counts as waiting': [
    ['platform/buffered.ts', 'if (before > 0) this.#handed', 'this.#handed'],
  ],
  'headers that are counted hide a message': [
    [
      'platform/buffered.ts',
      'const cost = added > 0 || payloadSize(message.data) === 0 ? added : Infinity',
      'const cost = Infinity',
    ],
  ],
  'a class is let go of, and heard all the same': [
    ['platform/whatwg.ts', 'socket.onopen = socket.onmessage = socket.onclose = null', ''],
    ['connection/connection.ts', 'this.#audience = undefined', ''],
    ['machine/transition.ts', 'return (stale ?', 'return (stale && false ?'],
  ],
  'a class that cannot be told how messages should come is not dialed': [
    [
      'platform/whatwg.ts',
      'try {\n      this.#socket.binaryType = type',
      '{\n      this.#socket.binaryType = type',
    ],
    [
      'platform/whatwg.ts',
      '} catch {\n      // React Native without its Blob module: messages keep the type that the class delivers\n    }',
      '}',
    ],
  ],
  'no deadline for the closing handshake': [
    [
      'connection/connection.ts',
      "this.#deadline.set(closeTimeout, () => this.#end('user', new CloseTimeoutError(closeTimeout)))",
      'void 0',
    ],
  ],
  'a silent peer holds up a reconnect() after close()': [
    [
      'machine/transition.ts',
      "step(state, { ...state, next: 'restart' }, { type: 'hurry' })",
      "step(state, { ...state, next: 'restart' })",
    ],
  ],
  'listeners run in the middle of a transition': [
    ['socket/tasks.ts', 'if (this.#queue) {\n      this.#queue.push(task)\n      return\n    }', ''],
  ],
  'a listener that throws stops the others': [['socket/emitter.ts', 'reportError(error)', 'throw error']],
  'a failed attempt is not told': [
    ['machine/transition.ts', 'close(state, verdict.end, told)', 'close(state, verdict.end)'],
    ['machine/transition.ts', 'verdict.delay, told)', 'verdict.delay)'],
  ],
  'a second close for one open': [
    ['machine/transition.ts', 'verdict.delay, told)', 'verdict.delay, told, told)'],
  ],
  'hints are heard after the end': [['socket/world.ts', 'if (this.#unhint) attempt(this.#unhint)', '']],
  'the abandoned close event is waited for': [
    ['connection/connection.ts', "this.#deadline.hurry(this.#stage === 'dialing')", ''],
    ['connection/connection.ts', 'this.#deadline.expect(connectTimeout, () => {', 'void (() => {'],
  ],
}

const load = plantIn<Subject>({
  src: 'src',
  entry: 'test/simulation/subject.ts',
  conditions: ['browser'],
  // under the link of Node
  external: ['node:*'],
})

describe('planted bugs are caught', () => {
  test('none where none is planted', async () => {
    expect(await hunt(await load('none', []), script, 300)).toBeUndefined()
  })

  for (const [name, changes] of Object.entries(bugs)) {
    test(name, { timeout: 120_000 }, async () => {
      const finding = await hunt(await load(name, changes), script, 20_000)
      console.log(`${name} — ${finding?.split('\n')[0]?.slice(0, 100)}`)
      expect(finding).toBeDefined()
    })
  }
})
