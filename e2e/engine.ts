/** `test` with a `tab`: what a test needs of a page, on whichever engine it runs and however that is driven. */
import { type Browser, expect, type Page, test as base } from '@playwright/test'
import { advice, type EngineName, findBrowser } from '../scripts/browsers.mjs'
import { launchOptions } from './launch.js'
import { launchWebKit, type WebKit } from './webkit.js'

export { expect }

export interface Tab {
  goto(url: string): Promise<void>
  /** Runs a function in the page, on its own: it sees its argument and the page's globals. Awaits what it gives. */
  evaluate<R>(work: () => R | Promise<R>): Promise<R>
  evaluate<R, A>(work: (given: A) => R | Promise<R>, given: A): Promise<R>
  /** Asks the page again and again until the answer is true. */
  until(holds: () => unknown): Promise<void>
  until<A>(holds: (given: A) => unknown, given: A): Promise<void>
  /** For what only Playwright can do; undefined where it does not drive the engine. */
  readonly page: Page | undefined
}

type Work = (given: unknown) => unknown

export const test = base.extend<{ tab: Tab; present: void }, { engine: Browser | WebKit }>({
  // of each test: what is skipped within a worker's fixture is one test, and the others would pass
  present: [
    async ({ playwright: _ }, use, info) => {
      const name = info.project.name as EngineName
      if (!findBrowser(name)) {
        if (process.env.CI) throw new Error(advice(name))
        base.skip(true, advice(name))
      }
      await use()
    },
    { auto: true },
  ],
  engine: [
    async ({ playwright }, use, info) => {
      const name = info.project.name as EngineName
      const found = findBrowser(name)
      if (!found) return use(undefined as never)
      const engine =
        name === 'webkit' && !found.own
          ? await launchWebKit(found.executablePath)
          : await playwright[name].launch(launchOptions(name))
      await use(engine)
      await engine.close()
    },
    { scope: 'worker' },
  ],
  tab: async ({ engine }, use) => {
    if ('driver' in engine) {
      await use(driven(engine))
      // what the test has opened ends with its page
      await engine.driver.get('about:blank')
    } else {
      const context = await engine.newContext()
      await use(played(await context.newPage()))
      await context.close()
    }
  },
})

function played(page: Page): Tab {
  const evaluate = (work: Work, given?: unknown): Promise<unknown> => page.evaluate(work, given)
  return withUntil({
    page,
    evaluate,
    async goto(url) {
      await page.goto(url)
    },
  })
}

function driven({ driver }: WebKit): Tab {
  return withUntil({
    page: undefined,
    goto: (url) => driver.get(url),
    async evaluate(work, given) {
      const [error, value] = await driver.executeAsyncScript<[string | null, unknown]>(
        `const done = arguments[1]
         Promise.resolve(arguments[0]).then(${String(work)}).then(
           (value) => done([null, value]),
           (error) => done([String(error) + '\\n' + error.stack, null]),
         )`,
        given,
      )
      if (error !== null) throw new Error(error)
      return value
    },
  })
}

function withUntil(tab: {
  page: Page | undefined
  goto(url: string): Promise<void>
  evaluate(work: Work, given?: unknown): Promise<unknown>
}): Tab {
  const until = (holds: Work, given?: unknown): Promise<void> =>
    expect.poll(async () => Boolean(await tab.evaluate(holds, given)), { intervals: [20] }).toBe(true)
  return { ...tab, until } as unknown as Tab
}
