/** The script tag of the README, in a page, with the address of a real server in place of the example's. */
import { readFileSync } from 'node:fs'
import { expect, test } from './engine.js'
import { startSite } from './site.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const samples = [...readme.matchAll(/```html\n([^]*?)```/g)].map(([, code = '']) => code)

test('the README has one script-tag sample', () => expect(samples).toHaveLength(1))

test('the script-tag sample of the README works as it stands', async ({ tab }) => {
  const pages: Record<string, string> = {}
  const site = await startSite(pages, 0)
  try {
    const log = `<script>console.log = (text) => (window.logged = text)</script>`
    pages['/sample'] = `${log}${samples[0]}`
      .replace(/https:\/\/unpkg\.com\/everopen@[\d.]+\/dist/, '/dist')
      .replace('wss://example.test', site.origin.replace('http', 'ws'))
    await tab.goto(`${site.origin}/sample`)
    await tab.until(() => (globalThis as unknown as { logged: string }).logged === 'hello')
  } finally {
    await site.stop()
  }
})
