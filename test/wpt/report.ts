/** What a page of the suite tells of its tests. */

/** By the name of a test: null where it passed, else what the harness says. */
export type Report = Readonly<Record<string, string | null>>

/** Where a page leaves its report. */
export const KEPT = 'everopenReport'

/** Behind the suite's harness, in a page that is not within another: leaves the report when all has ended. */
export const reporter = (replaced: boolean): string => `
if (self.document && self === self.top) {
  if (${replaced} === /native code/.test(self.WebSocket)) throw new Error('this is the wrong class')
  add_completion_callback((tests, harness) => {
    const told = (status, message) => (status === 0 ? null : String(message || 'status ' + status))
    const named = tests.map(({ name, status, message }) => [name, told(status, message)])
    if (harness.status === 1) named.push(['the page itself', told(harness.status, harness.message)])
    self.${KEPT} = Object.fromEntries(named)
  })
}
`

/** Of many pages: by the page's URL and the test's name. */
export type Outcomes = Map<string, string | null>

/** Some names have a port, and each server its own. */
export function collect(outcomes: Outcomes, url: string, report: Report): void {
  for (const [name, outcome] of Object.entries(report))
    outcomes.set(`${url} ${name.replace(/:\d{4,5}\//g, ':port/')}`, outcome)
}
