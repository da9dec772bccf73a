/** The scenarios of test/conformance in a page: the face and the engine's own class do what the standard says. */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Conformance } from '../test/conformance/page.js'
import { type ConformanceServer, startServer } from '../test/conformance/server.js'
import type { EngineName } from '../scripts/browsers.mjs'
import { deviations } from './deviations.js'
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
  test(`${which}: every scenario gives what the standard says, but for the known deviations`, async ({
    tab,
  }, info) => {
    test.setTimeout(120_000)
    const known = deviations[info.project.name as EngineName][which]
    await tab.goto(server.url.replace('ws:', 'http:'))
    await tab.evaluate((code) => void (0, eval)(code), script)
    const played = await tab.evaluate(
      ([name, url, hanging]) =>
        (globalThis as unknown as { conformance: Conformance }).conformance.run(name, url, hanging),
      [which, server.url, known.filter(({ hangs }) => hangs).map(({ scenario }) => scenario)] as const,
    )
    expect(played.length).toBeGreaterThan(40)
    expect(played.map(({ name }) => name)).toEqual(
      expect.arrayContaining(known.map(({ scenario }) => scenario)),
    )
    for (const { name, expected, also, transcript } of played) {
      const deviation = known.find(({ scenario }) => scenario === name)
      if (deviation?.sometimes) continue
      const accepted = also === undefined ? [expected] : [expected, also]
      if (deviation)
        expect.soft(accepted, `${name}: no longer ${deviation.does}`).not.toContainEqual(transcript)
      else expect.soft(accepted, name).toContainEqual(transcript)
    }
  })
}
