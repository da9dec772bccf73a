/** `npm run test:cluster -- --messages N`: server processes, Redis and the network fail while N messages are exchanged. */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { messages: { type: 'string', default: '100000' } } })
const { status } = spawnSync(
  'npx',
  ['--no-install', 'vitest', 'run', '--project', 'unit', 'test/server/cluster/cluster.test.ts'],
  { stdio: 'inherit', env: { ...process.env, EVEROPEN_CLUSTER_MESSAGES: values.messages } },
)
process.exitCode = status ?? 1
