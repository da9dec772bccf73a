/** The demo's page, as its tests use it. */
import { expect, type Locator, type Page } from '@playwright/test'

/** Types a value in place of another, as a person would: `fill()` adds to a number field in Firefox. */
export async function type(input: Locator, value: string): Promise<void> {
  await input.focus()
  await input.press('ControlOrMeta+a')
  await input.press('Delete')
  await input.pressSequentially(value)
}

/** What the page complains of: uncaught errors, and what the Content-Security-Policy refuses. */
export function problemsOf(page: Page): string[] {
  const problems: string[] = []
  // that a connection was lost, or not made before its page went, is an error of the page to some browsers
  page.on(
    'pageerror',
    ({ message }) => /connection to (the server at )?wss?:/.test(message) || problems.push(message),
  )
  page.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text())) problems.push(message.text())
  })
  return problems
}

export class DemoPage {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  /** Loads it, sends nothing of its own, and waits for the first connection of every socket. */
  async open(origin: string): Promise<void> {
    await this.page.goto(`${origin}/?quiet`)
    await this.is('open')
    for (const name of ['everopen', 'websocket', 'reconnecting', 'partysocket'])
      await expect(this.cell(name, 'state')).toHaveText(/^open/)
  }

  /** Waits until the machine is there. */
  async is(place: string): Promise<void> {
    await expect(this.page.locator('.place.lit')).toHaveAttribute('data-place', place)
  }

  /** The form of that name, of those that break things. */
  act(name: string): Locator {
    return this.page.locator(`[data-act="${name}"]`)
  }

  async break(name: string, fields: Readonly<Record<string, string>> = {}): Promise<void> {
    for (const [field, value] of Object.entries(fields)) {
      const input = this.act(name).locator(`[name="${field}"]`)
      if (field === 'answer') await input.selectOption(value)
      else await type(input, value)
    }
    await this.act(name).getByRole('button').click()
  }

  /** Of the table that compares the sockets. */
  cell(name: string, column: string): Locator {
    return this.page.locator(`[data-name="${name}"] [data-column="${column}"]`)
  }

  /** Waits until a counter has come to this. */
  async count(id: string, count: number): Promise<void> {
    await expect(this.page.locator(`#${id}`)).toHaveText(String(count))
  }

  /** Waits until a counter has come at least as far as this. */
  async atLeast(id: string, count: number): Promise<void> {
    const counter = this.page.locator(`#${id}`)
    await expect.poll(async () => Number(await counter.innerText())).toBeGreaterThanOrEqual(count)
  }

  /** Lines of the timeline of one kind. */
  lines(kind: string): Locator {
    return this.page.locator(`#timeline [data-kind="${kind}"] .detail-text`)
  }

  /** Whether something in that chart has that colour of the theme. */
  async painted(host: string, color: string): Promise<boolean> {
    return this.page.locator(`#${host} canvas`).evaluate((canvas: HTMLCanvasElement, name) => {
      const hex = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
      const wanted = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16))
      const { width, height } = canvas
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, height)
      for (let at = 0; at < data.length; at += 4)
        if (data[at + 3]! > 200 && wanted.every((value, i) => Math.abs(data[at + i]! - value) < 30))
          return true
      return false
    }, color)
  }
}
