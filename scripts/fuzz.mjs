/** `npm run test:fuzz -- --minutes N [--seed S]`: the fuzz over real sockets for as long as wanted. */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
})
const { status } = spawnSync(
  'npx',
  ['--no-install', 'vitest', 'run', '--project', 'unit', 'test/fuzz/fuzz.test.ts'],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      EVEROPEN_FUZZ_MINUTES: values.minutes,
      ...(values.seed !== undefined && { EVEROPEN_FUZZ_SEED: values.seed }),
    },
  },
)
process.exitCode = status ?? 1
