/** Two runs of the same pages, beside each other. */
import type { Page } from './checkout.js'
import type { Outcomes } from './report.js'

/** What the engine's own class passes, and everopen does not. */
export function below(everopen: Outcomes, own: Outcomes | undefined): readonly string[] {
  return own === undefined
    ? []
    : [...own].flatMap(([test, outcome]) => (outcome === null && everopen.get(test) !== null ? [test] : []))
}

/** The pages of tests, named as `below` names them. */
export function pagesWith(tests: readonly string[], pages: readonly Page[]): readonly Page[] {
  return pages.filter(({ url }) => tests.some((test) => test.startsWith(`${url} `)))
}

/** Puts what came of some pages in place of what had come of them. */
export function replace(whole: Outcomes, pages: readonly Page[], part: Outcomes): void {
  for (const test of [...whole.keys()])
    if (pages.some(({ url }) => test.startsWith(`${url} `))) whole.delete(test)
  for (const [test, outcome] of part) whole.set(test, outcome)
}

export function passed(outcomes: Outcomes): string {
  const count = [...outcomes.values()].filter((outcome) => outcome === null).length
  return `${count.toLocaleString('en')} of ${outcomes.size.toLocaleString('en')}`
}
