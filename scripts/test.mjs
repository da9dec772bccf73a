/** `npm test`: sets up what is missing, then type-checks, lints and runs every test. The last line is the totals. */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureCuts } from './cuts.mjs'
import { ensureServers } from './servers.mjs'
import { ensureBuilt, ensureCompiled, ensureInstalled } from './setup.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)

await ensureInstalled()
await ensureBuilt()
// minutes where it has to be compiled; nothing needs it before the unit tests
const compiled = ensureCompiled()
// only now: it needs what has just been installed
const { ensureBrowsers } = await import('./browsers.mjs')
ensureBrowsers()
ensureCuts()
ensureServers()

rmSync('.cache', { recursive: true, force: true })
mkdirSync('.cache')

const totals = { passed: 0, failed: 0, skipped: 0 }
const failures = []

await Promise.all([
  // two chains of about the same length
  check('lint', 'eslint', ['.']).then(() =>
    check('format', 'prettier', ['--check', '--log-level', 'warn', '.']),
  ),
  check('types', 'tsc', ['--noEmit'])
    .then(() => check('rooms', 'depcruise', ['--config', '.dependency-cruiser.mjs', 'src']))
    // fails on an export without a docstring
    .then(() => check('docstrings', 'typedoc', ['--logLevel', 'Warn', '--emit', 'none'])),
])
await suite(
  'browser tests',
  'playwright',
  ['test'],
  '.cache/playwright.json',
  ({ stats, suites, errors }) => ({
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
    names: [
      ...suites.flatMap(specsOf).filter(({ ok }) => !ok),
      ...errors.map(({ message }) => ({ file: 'e2e', title: message })),
    ].map(({ file, title, tests }) => `${file}: ${title}${tests ? ` [${tests[0].projectName}]` : ''}`),
  }),
)
await compiled
await suite(
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

if (failures.length > 0) console.log(`\nNot in order:\n${failures.map((line) => `- ${line}`).join('\n')}`)
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exitCode = failures.length > 0 ? 1 : 0

/** Shows what it says at once, or afterwards, so that what runs beside it is not mixed in. */
async function run(what, command, args, shown) {
  const title = `\n── ${what} ──`
  if (shown === 'at once') console.log(title)
  const started = Date.now()
  const stdio = shown === 'at once' ? 'inherit' : ['ignore', 'pipe', 'pipe']
  const child = spawn('npx', ['--no-install', command, ...args], { stdio })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (said += data))
  const status = await new Promise((resolve) => child.on('close', resolve))
  if (shown === 'afterwards') console.log(`${title}\n${said.trim()}`)
  console.log(
    `── ${what}: ${status === 0 ? 'in order' : 'NOT in order'}, ${((Date.now() - started) / 1000).toFixed(0)} s`,
  )
  if (status !== 0) failures.push(what)
  return status === 0
}

/** One check counts as one test. */
async function check(what, command, args) {
  totals[(await run(what, command, args, 'afterwards')) ? 'passed' : 'failed']++
}

/** Every test below a suite of Playwright's report. */
function specsOf({ specs, suites = [] }) {
  return [...specs, ...suites.flatMap(specsOf)]
}

/** A suite counts by its own report; one that leaves none, or fails without a failed test, counts as a failure. */
async function suite(what, command, args, report, read) {
  const ok = await run(what, command, args, 'at once')
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
