import { defineConfig } from 'vitest/config'

/**
 * The tests that are run against mutants: those beside what is mutated, which are quick and say the same each time. By
 * `npm run mutate`.
 */
const beside: Readonly<Record<string, readonly string[]>> = {
  machine: ['model'],
  'platform/node': ['faults/accounts.test.ts'],
}
const folders = (process.env.EVEROPEN_MUTATED ?? '').split(',')
const tests = folders.flatMap((folder) => [folder, ...(beside[folder] ?? [])])

export default defineConfig({
  test: {
    pool: 'forks',
    include: tests.map((place) => (place.endsWith('.ts') ? `test/${place}` : `test/${place}/**/*.test.ts`)),
    // they plant their own
    exclude: ['test/model/mutation.test.ts', 'test/**/planted.test.ts', 'test/**/herd.test.ts'],
    testTimeout: 20_000,
  },
})
