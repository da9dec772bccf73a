/** `npm test`: sets up what is missing, then type-checks, lints and runs every test. The last line is the totals. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureCuts } from './cuts.mjs'
import { ensureServers } from './servers.mjs'
import { ensureBuilt, ensureInstalled } from './setup.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)

await ensureInstalled()
await ensureBuilt()
// only now: it needs what has just been installed
const { ensureBrowsers } = await import('./browsers.mjs')
ensureBrowsers()
ensureCuts()
ensureServers()

rmSync('.cache', { recursive: true, force: true })
mkdirSync('.cache')

const totals = { passed: 0, failed: 0, skipped: 0 }
const failures = []

check('types', 'tsc', ['--noEmit'])
check('lint', 'eslint', ['.'])
check('rooms', 'depcruise', ['--config', '.dependency-cruiser.mjs', 'src'])
check('format', 'prettier', ['--check', '--log-level', 'warn', '.'])
suite(
  'unit, model, fault, consumer and command tests',
  'vitest',
  ['run', '--coverage'],
  '.cache/vitest.json',
  (report) => ({
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
    names: report.testResults.flatMap(({ name, assertionResults, message }) => [
      ...(message ? [`${path.relative(root, name)}: ${message}`] : []),
      ...assertionResults
        .filter(({ status }) => status === 'failed')
        .map(({ fullName }) => `${path.relative(root, name)}: ${fullName}`),
    ]),
  }),
)
suite('browser tests', 'playwright', ['test'], '.cache/playwright.json', ({ stats, suites, errors }) => ({
  passed: stats.expected,
  failed: stats.unexpected + stats.flaky,
  skipped: stats.skipped,
  names: [
    ...suites.flatMap(specsOf).filter(({ ok }) => !ok),
    ...errors.map(({ message }) => ({ file: 'e2e', title: message })),
  ].map(({ file, title, tests }) => `${file}: ${title}${tests ? ` [${tests[0].projectName}]` : ''}`),
}))

if (failures.length > 0) console.log(`\nNot in order:\n${failures.map((line) => `- ${line}`).join('\n')}`)
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exitCode = failures.length > 0 ? 1 : 0

function run(what, command, args) {
  console.log(`\n── ${what} ──`)
  const started = Date.now()
  const { status } = spawnSync('npx', ['--no-install', command, ...args], { stdio: 'inherit' })
  console.log(
    `── ${what}: ${status === 0 ? 'in order' : 'NOT in order'}, ${((Date.now() - started) / 1000).toFixed(0)} s`,
  )
  if (status !== 0) failures.push(what)
  return status === 0
}

/** One check counts as one test. */
function check(what, command, args) {
  totals[run(what, command, args) ? 'passed' : 'failed']++
}

/** Every test below a suite of Playwright's report. */
function specsOf({ specs, suites = [] }) {
  return [...specs, ...suites.flatMap(specsOf)]
}

/** A suite counts by its own report; one that leaves none, or fails without a failed test, counts as a failure. */
function suite(what, command, args, report, read) {
  const ok = run(what, command, args)
  let counts
  try {
    counts = read(JSON.parse(readFileSync(report, 'utf8')))
  } catch {
    console.log(`${what} left no report`)
    counts = { passed: 0, failed: 0, skipped: 0, names: [] }
  }
  failures.push(...counts.names)
  if (!ok && counts.failed === 0) counts.failed = 1
  if (counts.passed === 0) failures.push(`${what}: nothing was run`)
  for (const key of Object.keys(totals)) totals[key] += counts[key]
}
