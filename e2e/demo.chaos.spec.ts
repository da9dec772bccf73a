/** What breaks things on the demo's page, and what the sockets make of it, side by side. */
import { expect, test } from '@playwright/test'
import { type DemoServer, startServer } from '../demo/server.js'
import { DemoPage } from './demo.page.js'

let server: DemoServer
let demo: DemoPage
test.beforeAll(async () => {
  server = await startServer()
})
test.afterAll(() => server.stop())
test.beforeEach(async ({ page }) => {
  demo = new DemoPage(page)
  await demo.open(server.origin)
})

test('a Close frame with any code and reason; the bare WebSocket does not come back', async () => {
  await demo.break('close', { code: '4321', reason: 'because' })
  await demo.count('opens', 2)
  await expect(demo.lines('close')).toHaveText(['4321 “because”, dials again'])
  await expect(demo.cell('websocket', 'state')).toHaveText('closed for good')
  for (const peer of ['reconnecting', 'partysocket']) await expect(demo.cell(peer, 'opens')).toHaveText('2')
  await demo.page.click('#send')
  await expect(demo.cell('everopen', 'received')).toHaveText('1')
  await expect(demo.cell('everopen', 'lost')).toHaveText('0')
  await expect(demo.cell('websocket', 'lost')).toHaveText('1')
  // an empty Close frame
  await demo.break('close', { code: '', reason: '' })
  await expect(demo.lines('close').first()).toHaveText('1005, dials again')
})

for (const how of ['rst', 'fin'])
  test(`${how}: no Close frame, and it comes back`, async () => {
    await demo.break(how)
    await demo.count('opens', 2)
    await expect(demo.lines('close')).toHaveText(['1006, dials again'])
    await expect(demo.lines('chaos')).toHaveText([how])
  })

test('silence: everopen notices it, the others go on in the belief that they are open', async () => {
  await demo.break('stall')
  await expect(demo.act('stall')).toHaveClass(/\bon\b/)
  await demo.count('opens', 2)
  await demo.page.click('#send')
  await expect(demo.cell('everopen', 'received')).toHaveText('1')
  for (const peer of ['websocket', 'reconnecting', 'partysocket']) {
    await expect(demo.cell(peer, 'state')).toHaveText(/^open/)
    await expect(demo.cell(peer, 'pending')).toHaveText('1')
    await expect(demo.cell(peer, 'received')).toHaveText('0')
  }
  await demo.break('flow')
  for (const peer of ['websocket', 'reconnecting', 'partysocket'])
    await expect(demo.cell(peer, 'received')).toHaveText('1')
  await expect(demo.act('stall')).not.toHaveClass(/\bon\b/)
})

for (const answer of ['503', '401'])
  test(`refuses exactly the next dials, with ${answer}`, async () => {
    await demo.break('refuse', { times: '3', answer })
    await demo.count('opens', 2)
    await demo.count('errors', 3)
    await expect(demo.act('refuse')).not.toHaveClass(/\bon\b/)
  })

test('refuses by silence: given up at connectTimeout', async () => {
  await demo.break('refuse', { times: '1', answer: 'silence' })
  await expect(demo.lines('error')).toHaveText([/^ERR_CONNECT_TIMEOUT/])
  await demo.count('opens', 2)
})

test('restarts: nobody is there for a while, and what is sent meanwhile waits', async () => {
  await demo.break('restart', { seconds: '120' })
  await expect(demo.act('restart')).toHaveClass(/\bon\b/)
  await demo.count('closes', 1)
  await demo.page.click('#send')
  await demo.count('waiting', 1)
  await demo.break('calm')
  await demo.count('opens', 2)
  await demo.count('echoed', 1)
  await expect(demo.act('restart')).not.toHaveClass(/\bon\b/)
})

test('slows every byte down, and lets it be', async ({ page }) => {
  const rtt = async (): Promise<number> =>
    parseFloat((await page.locator('#plot-rtts-now').innerText()).slice(5))
  await demo.break('slow', { delay: '400' })
  await expect(demo.act('slow')).toHaveClass(/\bon\b/)
  await expect.poll(rtt).toBeGreaterThanOrEqual(799)
  await demo.break('slow', { delay: '0' })
  await expect.poll(rtt).toBeLessThan(799)
  await expect(demo.act('slow')).not.toHaveClass(/\bon\b/)
  await demo.count('closes', 0)
})

test('accepts and closes, until switched off', async () => {
  const button = demo.act('loop').getByRole('button')
  await demo.break('loop')
  await expect(button).toHaveAttribute('aria-pressed', 'true')
  await demo.atLeast('closes', 3)
  await demo.break('loop')
  await expect(button).toHaveAttribute('aria-pressed', 'false')
  await demo.page.click('#send')
  await expect(demo.cell('everopen', 'received')).toHaveText('1')
  await demo.is('open')
})

test('one endpoint is killed, the other takes over; all well again brings both back', async () => {
  await expect(demo.cell('everopen', 'state')).toHaveText('open on a')
  await demo.break('a')
  await expect(demo.cell('everopen', 'state')).toHaveText('open on b')
  await expect(demo.act('a').getByRole('button')).toHaveAttribute('aria-pressed', 'true')
  await demo.break('b')
  await demo.atLeast('closes', 2)
  await expect(demo.lines('error').first()).toHaveText(/^ERR_CONNECTION/)
  await demo.break('calm')
  for (const name of ['a', 'b'])
    await expect(demo.act(name).getByRole('button')).toHaveAttribute('aria-pressed', 'false')
  await demo.is('open')
})

test('what cannot be asked for is not asked for', async ({ page }) => {
  await demo.break('close', { code: '70000' })
  await demo.break('restart', { seconds: '' })
  await expect(demo.act('close').locator('[name="code"]')).toHaveJSProperty('validity.valid', false)
  await page.click('#send')
  await demo.count('echoed', 1)
  await expect(demo.lines('chaos')).toHaveCount(0)
  await demo.count('closes', 0)
})
