/** What the options of other WebSocket classes come to in Node. */
import { Agent } from 'node:http'
import { describe, expect, it } from 'vitest'
import { adoptOptions } from '../../../src/platform/node/adopt.js'

describe('options of other classes', () => {
  it('that go by the same name mean the same', () => {
    const same = {
      origin: 'https://a.test',
      localAddress: '127.0.0.1',
      family: 4,
      perMessageDeflate: { threshold: 1024 },
      ca: 'PEM',
      servername: 'a.test',
    }
    expect(adoptOptions(same)).toEqual({ node: same })
  })

  it.each([
    ['undefined, null and an empty text are the default', { ca: undefined, key: null, servername: '' }, {}],
    ['agent: false is none', { agent: false }, {}],
    ['maxPayload: 0 is no limit', { maxPayload: 0 }, { maxPayload: Infinity }],
    ['maxPayload', { maxPayload: 5 }, { maxPayload: 5 }],
    ['maxPayload: Infinity is no limit', { maxPayload: Infinity }, { maxPayload: Infinity }],
    ['maxPayload, the largest', { maxPayload: 2 ** 31 - 1 }, { maxPayload: 2 ** 31 - 1 }],
    ['maxPayload beyond 31 bits is no limit', { maxPayload: 2 ** 31 }, { maxPayload: Infinity }],
    ['maxPayload below 0 stays, and is refused', { maxPayload: -1 }, { maxPayload: -1 }],
    ['family by name: IPv4', { family: 'IPv4' }, { family: 4 }],
    ['family by name: IPv6', { family: 'IPv6' }, { family: 6 }],
    [
      'keepAliveInitialDelay is that of keepAlive',
      { keepAlive: true, keepAliveInitialDelay: 5 },
      { keepAlive: 5 },
    ],
    [
      'keepAliveInitialDelay: 0 is the default',
      { keepAlive: true, keepAliveInitialDelay: 0 },
      { keepAlive: true },
    ],
    ['keepAliveInitialDelay alone is nothing', { keepAliveInitialDelay: 5 }, {}],
    ['limits that are kept here are ignored', { maxPendingAutoPongs: 5 }, {}],
    [
      'headers may be numbers, booleans and lists of these',
      { headers: { a: true, b: [1, 'x', false] } },
      { headers: { a: 'true', b: ['1', 'x', 'false'] } },
    ],
    ['maxPayload: null is the default', { maxPayload: null }, {}],
    ['rejectUnauthorized: false is insecureTls', { rejectUnauthorized: false }, { insecureTls: true }],
    ['rejectUnauthorized: true is the default', { rejectUnauthorized: true }, {}],
    [
      'what has no meaning here is ignored',
      { protocolVersion: 13, generateMask: () => {}, dispatcher: {} },
      {},
    ],
    [
      'headers lose those of the handshake itself, and those without a value',
      {
        headers: {
          'Sec-WebSocket-Version': '13',
          Host: 'a',
          'X-Count': 5,
          'X-None': undefined,
          'X-Null': null,
        },
      },
      { headers: { Host: 'a', 'X-Count': '5' } },
    ],
    ['headers: null are none', { headers: null }, {}],
    ['a list of headers stays one', { headers: [['a', 'b']] }, { headers: [['a', 'b']] }],
    [
      'auth is an Authorization header',
      { auth: 'me:word' },
      { headers: { Authorization: 'Basic bWU6d29yZA==' } },
    ],
    [
      'a header of that name goes before auth',
      { auth: 'me:word', headers: { authorization: 'mine' } },
      { headers: { authorization: 'mine' } },
    ],
    [
      'auth is added to a list of headers',
      { auth: 'me:word', headers: [['a', 'b']] },
      { headers: { Authorization: 'Basic bWU6d29yZA==', a: 'b' } },
    ],
    ['auth that is empty is none', { auth: '' }, {}],
  ])('%s', (_, foreign, node) => {
    expect(adoptOptions(foreign)).toEqual({ node })
  })

  it('an agent is the agent', () => {
    const agent = new Agent()
    expect(adoptOptions({ agent }).node.agent).toBe(agent)
  })

  it('handshakeTimeout, or timeout, is connectTimeout; 0 is the default', () => {
    expect(adoptOptions({ handshakeTimeout: 70, timeout: 9 })).toEqual({ node: {}, connectTimeout: 70 })
    expect(adoptOptions({ timeout: 9 })).toEqual({ node: {}, connectTimeout: 9 })
    expect(adoptOptions({ handshakeTimeout: 0 })).toEqual({ node: {} })
  })
})
