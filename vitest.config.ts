import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    pool: 'forks',
    // one fewer is the default: of two cores half
    maxWorkers: '100%',
    // a machine may be busy with something else
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    reporters: ['default', ['json', { outputFile: '.cache/vitest.json' }]],
    coverage: {
      provider: 'custom',
      customProviderModule: './test/coverage.ts',
      include: ['src/**'],
      reporter: ['text-summary', ['text', { skipFull: true }]],
      thresholds: { lines: 99.7, branches: 99.5, functions: 99.5, statements: 99.7 },
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'command',
          include: ['test/cli/*.test.ts', 'test/servers/*.test.ts', 'test/clients/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/consumers/**',
            'test/docs/**',
            'test/cli/*.test.ts',
            'test/servers/**',
            'test/clients/**',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'consumers',
          include: ['test/consumers/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'docs',
          include: ['test/docs/**/*.test.ts'],
          // each sample is a process of its own
          isolate: false,
        },
      },
    ],
  },
})
