/** The scenarios of test/conformance in a page: the face does what the engine's own WebSocket does. */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Conformance } from '../test/conformance/page.js'
import { type ConformanceServer, startServer } from '../test/conformance/server.js'
import { expect, test } from './engine.js'

let server: ConformanceServer
let script: string
test.beforeAll(async () => {
  server = await startServer()
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../test/conformance/page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    conditions: ['browser'],
  })
  script = outputFiles[0]?.text ?? ''
})
test.afterAll(() => server.close())

for (const which of ['native', 'face'] as const) {
  test(`${which}: every scenario gives what the standard says`, async ({ tab }) => {
    await tab.goto(server.url.replace('ws:', 'http:'))
    await tab.evaluate((code) => void (0, eval)(code), script)
    const played = await tab.evaluate(
      ([name, url]) => (globalThis as unknown as { conformance: Conformance }).conformance.run(name, url),
      [which, server.url] as const,
    )
    expect(played.length).toBeGreaterThan(40)
    for (const { name, expected, also, transcript } of played) {
      const accepted = which === 'native' && also !== undefined ? [expected, also] : [expected]
      expect(accepted, name).toContainEqual(transcript)
    }
  })
}
