/** All pages in an engine, by several visitors side by side. */
import type { Page, Server } from './checkout.js'
import type { Visitor } from './engines.js'
import { collect, type Outcomes } from './report.js'

/** The suite's own limits, and some for the engine to start the page. In ms. */
const PATIENCE = { short: 10_000, long: 60_000, start: 10_000 }
/** Visits after which a browser is started anew: some become slow, or break off. */
const VISITS = 60
/** Much of the time each waits for something. */
const SIDE_BY_SIDE = 3
/** One line of progress for so many pages. */
const STEP = 25

export interface Run {
  readonly version: string
  readonly outcomes: Outcomes
}

export async function run(
  title: string,
  pages: readonly Page[],
  server: Server,
  launch: () => Promise<Visitor>,
  sideBySide = SIDE_BY_SIDE,
): Promise<Run> {
  const outcomes: Outcomes = new Map()
  const waiting = pages.values()
  let version = ''
  let done = 0
  const work = async () => {
    let visitor: Visitor | undefined
    let visits = 0
    const renew = async () => {
      await visitor?.close().catch(() => {})
      visitor = undefined
    }
    const visit = async (page: Page) => {
      if (visits++ % VISITS === 0) await renew()
      visitor ??= await launch()
      version = visitor.version
      const patience = (page.long ? PATIENCE.long : PATIENCE.short) + PATIENCE.start
      return within(visitor.visit(server.address(page), patience), patience + 30_000)
    }
    try {
      for (const page of waiting) {
        const report = await visit(page).catch(async (error: Error) => {
          // the engine's fault or the page's: the second visit tells
          await renew()
          return visit(page).catch(async () => {
            await renew()
            return { 'the page itself': error.message }
          })
        })
        collect(outcomes, page.url, report ?? { 'the page itself': 'no report' })
        if (++done % STEP === 0) process.stderr.write(`${title}: ${done} of ${pages.length} pages\n`)
      }
    } finally {
      await renew()
    }
  }
  await Promise.all(Array.from({ length: sideBySide }, work))
  return { version, outcomes }
}

function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
