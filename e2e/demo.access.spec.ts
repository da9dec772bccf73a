/** The demo's page by keyboard, for a screen reader, in the dark and on a phone. */
import AxeBuilder from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { type DemoServer, startServer } from '../demo/server.js'
import { DemoPage, type } from './demo.page.js'

let server: DemoServer
test.beforeAll(async () => {
  server = await startServer()
})
test.afterAll(() => server.stop())

for (const colorScheme of ['light', 'dark'] as const)
  test(`axe finds nothing to complain of, ${colorScheme}, wide and narrow`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const demo = new DemoPage(page)
    await demo.open(server.origin)
    const given = await page.evaluate(() =>
      matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light',
    )
    test.skip(given !== colorScheme, 'this browser cannot be told so from outside')
    // something of each colour
    await demo.break('loop')
    await demo.atLeast('closes', 2)
    await demo.break('a')
    await demo.break('b')
    await expect(demo.lines('error').first()).toBeVisible()
    await page.click('#send')
    await expect(demo.cell('websocket', 'lost')).toHaveText('1')
    await page.click('#close')
    await demo.is('closed')
    for (const width of [1_280, 390])
      await test.step(`${width} px wide`, async () => {
        await page.setViewportSize({ width, height: 900 })
        const { violations } = await new AxeBuilder({ page }).analyze()
        expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
      })
  })

test('it works by keyboard, and the focus stays where it was', async ({ page }) => {
  const demo = new DemoPage(page)
  await demo.open(server.origin)
  const button = demo.act('rst').getByRole('button')
  await button.focus()
  for (const [index, key] of ['Enter', ' '].entries()) {
    await page.keyboard.press(key)
    await demo.count('opens', index + 2)
    await expect(button).toBeFocused()
  }
  // from a field too
  await type(demo.act('close').locator('[name="code"]'), '4999')
  await page.keyboard.press('Enter')
  await expect(demo.lines('close').first()).toHaveText(/^4999/)
  // every control can be reached, in the order of the page
  await page.locator('body').evaluate(() => (document.activeElement as HTMLElement).blur())
  const controls = await page.locator('button, input, select, [tabindex="0"]').count()
  const reached = new Set<string>()
  await page.evaluate(() => scrollTo(0, 0))
  for (let i = 0; i <= controls + 1; i++) {
    await page.keyboard.press('Tab')
    reached.add(
      await page.evaluate(() => {
        const all = [...document.querySelectorAll('button, input, select, [tabindex="0"]')]
        return String(all.indexOf(document.activeElement as Element))
      }),
    )
  }
  reached.delete('-1')
  expect(reached.size).toBe(controls)
})

for (const width of [320, 390])
  test(`at ${width} px nothing is cut off`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 })
    const demo = new DemoPage(page)
    await demo.open(server.origin)
    await demo.break('close', { code: '1012' })
    await demo.is('waiting')
    const { overflow, cut } = await page.evaluate(() => {
      const boxes = [...document.querySelectorAll('button, input, .act, .fields, section, .race, .filters')]
      const inside = (name: Element): boolean => {
        const text = name.querySelector('text')?.getBoundingClientRect()
        const box = name.querySelector('rect')?.getBoundingClientRect()
        return Boolean(text && box && text.left >= box.left && text.right <= box.right)
      }
      return {
        overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        cut: [
          ...boxes.filter((box) => box.scrollWidth > box.clientWidth + 1),
          ...[...document.querySelectorAll('.place')].filter((place) => !inside(place)),
        ].map(({ outerHTML }) => outerHTML),
      }
    })
    expect({ overflow, cut }).toEqual({ overflow: 0, cut: [] })
    const sizes = await page
      .locator('.place text')
      .evaluateAll((texts) => texts.map((text) => text.getBoundingClientRect().height))
    expect(Math.min(...sizes)).toBeGreaterThan(11)
  })
