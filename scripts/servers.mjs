/** Finds the servers and proxies of others that tests run against, and installs them where that can be done. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import path from 'node:path'

const sbin = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin']

/** Path of a program, undefined where there is none. */
function findProgram(name) {
  const dirs = [...(process.env.PATH ?? '').split(path.delimiter), ...sbin]
  return dirs.map((dir) => path.join(dir, name)).find(isProgram)
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A Python that has the module `websockets`: the system's, else the first on the path. */
function findPython() {
  const pythons = ['/usr/bin/python3', findProgram('python3')].filter((file) => file && isProgram(file))
  return pythons.find(
    (file) => spawnSync(file, ['-c', 'import websockets'], { stdio: 'ignore' }).status === 0,
  )
}

/** What there is on this machine; a server that is missing is undefined. */
export function findServers() {
  return {
    nginx: findProgram('nginx'),
    haproxy: findProgram('haproxy'),
    python: findPython(),
    redis: findProgram('redis-server') ?? findProgram('valkey-server'),
    nats: findProgram('nats-server'),
    mosquitto: findProgram('mosquitto'),
  }
}

/** Why a server's tests are skipped where it is missing. */
export const missing = {
  nginx: 'nginx is not installed',
  haproxy: 'haproxy is not installed',
  python: "Python's websockets is not installed",
  redis: 'redis-server is not installed',
  nats: 'nats-server is not installed',
  mosquitto: 'mosquitto is not installed',
}

const packages = {
  nginx: 'nginx',
  haproxy: 'haproxy',
  python: 'python3-websockets',
  redis: 'redis-server',
  nats: 'nats-server',
  mosquitto: 'mosquitto',
}

/** Installs what is missing, on Debian and as root. Elsewhere, and where it fails, its tests are skipped. */
export function ensureServers() {
  const lacking = () => Object.entries(findServers()).flatMap(([name, found]) => (found ? [] : [name]))
  const before = lacking()
  if (before.length === 0) return
  if (existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    const wanted = before.map((name) => packages[name])
    console.log(`Installing ${wanted.join(', ')} with apt-get (once) …`)
    run('apt-get', ['update', '-qq'])
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...wanted])
  }
  for (const name of lacking()) console.log(`${missing[name]}: its tests are skipped`)
}

function run(command, args) {
  // installed to be run by tests, not as services
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', SYSTEMD_OFFLINE: '1', RUNLEVEL: '1' }
  const options = { env, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' }
  const { status, stderr } = spawnSync(command, args, options)
  if (status !== 0) console.log(stderr ?? '')
}
