/** Every scenario in Node, against ReconnectingWebSocket over ws. Pages play the same ones, see page.ts. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ReconnectingWebSocket } from '../../src/websocket/websocket.js'
import { faceSetup, play } from './scenario.js'
import { scenarios } from './scenarios.js'
import { type ConformanceServer, startServer } from './server.js'

let server: ConformanceServer

beforeAll(async () => {
  server = await startServer()
})

afterAll(() => server.close())

describe('ReconnectingWebSocket with retry: false is the WebSocket of the standard', () => {
  // the others are for pages, and play in e2e/conformance.spec.ts
  for (const scenario of scenarios.filter(({ where }) => where !== 'page'))
    it(scenario.name, async () => {
      const { expected, also = expected } = scenario
      // it tells what its platform told: ws is silent where Chromium is
      expect(JSON.parse(JSON.stringify([expected, also]))).toContainEqual(
        await play(scenario, faceSetup(ReconnectingWebSocket, server.url)),
      )
    })
})
