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
      { auth: 'me:word', headers: { Authorization: 'mine' } },
      { headers: { Authorization: 'mine' } },
    ],
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
