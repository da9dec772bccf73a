/** The demo's page in every engine: it comes up, and each way to break the connection is survived. The rest is in demo.*.spec.ts. */
import { type DemoServer, startServer } from '../demo/server.js'
import { expect, type Tab, test } from './engine.js'

let server: DemoServer
test.beforeAll(async () => {
  server = await startServer()
})
test.afterAll(() => server.stop())

const at = (tab: Tab, place: string): Promise<void> =>
  tab.until((given) => document.querySelector('.place.lit')?.getAttribute('data-place') === given, place)

const text = (tab: Tab, selector: string): Promise<string> =>
  tab.evaluate((given) => document.querySelector(given)?.textContent ?? '', selector)

test('the demo is open, loses its connection in several ways, and comes back each time', async ({ tab }) => {
  await tab.goto(`${server.origin}/?quiet`)
  await at(tab, 'open')
  for (const [index, how] of ['close', 'rst', 'fin'].entries()) {
    await tab.evaluate(
      (given) => document.querySelector<HTMLButtonElement>(`[data-act="${given}"] button`)!.click(),
      how,
    )
    await tab.until((opens) => document.querySelector('#opens')?.textContent === String(opens), index + 2)
    await at(tab, 'open')
  }
  await tab.evaluate(() => document.querySelector<HTMLButtonElement>('#send')!.click())
  const received = '[data-name="everopen"] [data-column="received"]'
  await expect.poll(() => text(tab, received)).toBe('1')
  expect(await text(tab, '[data-name="everopen"] [data-column="lost"]')).toBe('0')
})
