/** Packages of Debian and its kin, for what npm cannot bring. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Whether packages can be installed without asking anybody. */
export const canApt = () => existsSync('/etc/debian_version') && process.getuid?.() === 0

/** Installs packages. What goes wrong is shown; whoever needs them looks whether they are there. */
export function apt(...packages) {
  run('apt-get', ['update', '-qq'])
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages])
}

/** Runs a command quietly, and shows what it complains of where it fails. */
export function run(command, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stderr } = spawnSync(command, args, {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  })
  if (status !== 0) console.log(stderr ?? '')
}
