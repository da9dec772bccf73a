import { defineConfig } from 'vitest/config'

/** The tests that are run against mutants: those that are quick, and say the same each time. */
export default defineConfig({
  test: {
    pool: 'forks',
    include: [
      'test/{machine,model,delivery,retry,options,connection,socket,websocket,platform,time}/**/*.test.ts',
      'test/faults/accounts.test.ts',
    ],
    exclude: ['test/model/mutation.test.ts'],
    testTimeout: 20_000,
  },
})
