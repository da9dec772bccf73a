/** `npm run test:sim -- --minutes N [--seed S]`: the simulation for as long as wanted. */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
})
const { status } = spawnSync(
  'npx',
  [
    ...['--no-install', 'vitest', 'run', '--project', 'unit', '--testNamePattern', 'laws hold'],
    ...['test/simulation/simulation.test.ts', 'test/simulation/net.test.ts'],
  ],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      EVEROPEN_SIM_MINUTES: values.minutes,
      EVEROPEN_SIM_SEED: values.seed ?? String(Date.now() % 1_000_000_000),
    },
  },
)
process.exitCode = status ?? 1
