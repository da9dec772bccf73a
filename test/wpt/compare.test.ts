/** What the comparison of two runs says, and that a second visit replaces all of the first. */
import { expect, it } from 'vitest'
import type { Page } from './checkout.js'
import { below, pagesWith, passed, replace } from './compare.js'
import type { Outcomes } from './report.js'

const pages: readonly Page[] = ['/a.html', '/a.html?wss', '/b.html'].map((url) => ({
  url,
  scheme: 'http',
  long: false,
}))
const of = (outcomes: Record<string, string | null>): Outcomes => new Map(Object.entries(outcomes))

it('is below where the own class passes, and only there; a test that was never run counts', () => {
  const own = of({ '/a.html 1': null, '/a.html 2': null, '/b.html 1': 'failed', '/b.html 2': null })
  const everopen = of({ '/a.html 1': null, '/a.html 2': 'failed', '/b.html 1': 'failed' })
  expect(below(everopen, own)).toEqual(['/a.html 2', '/b.html 2'])
  expect(below(everopen, undefined)).toEqual([])
  expect(passed(own)).toBe('3 of 4')
})

it('tells pages apart whose names begin alike', () => {
  expect(pagesWith(['/a.html 1', '/b.html 1 2'], pages).map(({ url }) => url)).toEqual(['/a.html', '/b.html'])
})

it('replaces what a page told before, also that it told nothing', () => {
  const whole = of({ '/a.html the page itself': 'no report', '/a.html?wss 1': null })
  replace(whole, pages.slice(0, 1), of({ '/a.html 1': null }))
  expect([...whole]).toEqual([
    ['/a.html?wss 1', null],
    ['/a.html 1', null],
  ])
})
