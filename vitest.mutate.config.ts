import path from 'node:path'
import { defineConfig } from 'vitest/config'

/**
 * The tests that are run against mutants: those beside what is mutated, which are quick and say the same each time. By
 * `npm run mutate`.
 */
const beside: Readonly<Record<string, readonly string[]>> = {
  machine: ['model'],
  bindings: ['react', 'vue'],
  connection: ['socket/codec.test.ts', 'socket/shell.world.test.ts'],
  options: ['connection/connection.test.ts', 'socket/codec.test.ts'],
  socket: ['connection', 'diagnostics/log.test.ts', 'faults/iteration.test.ts', 'faults/replace.test.ts'],
  websocket: ['conformance', 'engine'],
  'platform/node': [
    'faults/accounts.test.ts',
    'faults/amounts.test.ts',
    'faults/order.test.ts',
    'faults/payloads.test.ts',
    'simulation/net.test.ts',
  ],
}
/** Those of a file alone, or of any one file of a folder, where all of the folder's take long. */
const alone: Readonly<Record<string, readonly string[]>> = {
  'platform/*': ['platform/*.test.ts'],
  'platform/node/*': ['platform/node'],
  'platform/node/counted.ts': ['platform/node/counted.test.ts', 'platform/node/turns.test.ts'],
}
const places = (process.env.EVEROPEN_MUTATED ?? '').split(',')
const tests = places.flatMap((place) => {
  if (!place.endsWith('.ts')) return [place, ...(beside[place] ?? [])]
  const folder = path.posix.dirname(place)
  return alone[place] ?? alone[`${folder}/*`] ?? [folder, ...(beside[folder] ?? [])]
})

export default defineConfig({
  test: {
    pool: 'forks',
    // half of the time would go into starting a thread for each file
    isolate: false,
    include: tests.map((place) => (place.endsWith('.ts') ? `test/${place}` : `test/${place}/**/*.test.ts`)),
    exclude: [
      // they plant their own
      ...['test/model/mutation.test.ts', 'test/**/planted.test.ts', 'test/**/herd.test.ts'],
      // takes React DOM's hooks before they are loaded, which another test has done
      'test/react/hot.test.ts',
      // random, and takes longer than all the others of its folder
      'test/socket/shell.messages.test.ts',
    ],
    testNamePattern: /^(?!.*planted bugs are caught)/,
    testTimeout: 20_000,
    // short, since it is run for every mutant
    env: { EVEROPEN_SIM_MINUTES: '0.03' },
  },
})
