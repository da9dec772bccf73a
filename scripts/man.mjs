/** Makes the man page of the command from its page in the documentation: `man everopen` after an install. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
const args = [
  '--no-install',
  'marked-man',
  '--version',
  `everopen ${version}`,
  '--manual',
  'everopen',
  '--section',
  '1',
]
// a manual has no pages to link to
const page = readFileSync(`${root}docs/command.md`, 'utf8').replace(/\[([^\]]+)\]\((?!\w+:)[^)]*\)/g, '$1')
const { status, stdout, stderr } = spawnSync('npx', args, { input: page, encoding: 'utf8', cwd: root })
if (status !== 0) throw new Error(stderr)
// the day of the build would make each build another one
writeFileSync(`${root}dist/everopen.1`, stdout.replace(/^(\.TH "[^"]*" "[^"]*") "[^"]*"/m, '$1 ""'))
