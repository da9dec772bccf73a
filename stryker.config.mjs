/** Mutation testing, outside of `npm test`: `npm run mutate -- <folder of src>`. docs/mutation.md has the scores. */
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'vitest.mutate.config.ts', related: false },
  coverageAnalysis: 'perTest',
  incremental: true,
  incrementalFile: '.stryker/incremental.json',
  tempDirName: '.stryker/tmp',
  jsonReporter: { fileName: '.stryker/report.json' },
  reporters: ['clear-text', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  ignorePatterns: ['/dist', '/docs', '/e2e', '/demo', '/bench', '/coverage', '/.cache', '/.stryker', '/test-results'],
  concurrency: 1,
  timeoutMS: 10_000,
}
