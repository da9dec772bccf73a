/**
 * Two machines and a cable, of Linux network namespaces: what is cut here is really cut. Nothing of it is seen outside
 * the namespaces, and they are removed however the process that made them ends.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'

export const PORT = 8_080
export const SERVER = '10.77.0.2'
const CLIENT = '10.77.0.1'
const NEW_CLIENT = '10.77.0.3'

/** Runs a command. Throws with what it said where it fails. */
function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr.trim() ?? String(status)}`)
  return stdout
}
const ip = (...args: string[]): string => run('ip', ...args)

/** Removes namespaces, and the processes in them, as soon as nobody holds its stdin any more. */
const REAPER = `cat >/dev/null
for ns in "$@"; do
  ip netns pids "$ns" | xargs -r kill -9
  ip netns delete "$ns"
done`

export class Network {
  readonly client: string
  server: string
  readonly #rebooted: string
  readonly #reaper: ChildProcess

  constructor() {
    const name = `everopen-${randomBytes(4).toString('hex')}`
    this.client = `${name}-client`
    this.server = `${name}-server`
    this.#rebooted = `${name}-rebooted`
    // of a session of its own, so that it outlives a Ctrl-C
    this.#reaper = spawn('sh', ['-c', REAPER, 'sh', this.client, this.server, this.#rebooted], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    })
    try {
      for (const namespace of [this.client, this.server]) this.#add(namespace)
      ip(
        '-n',
        this.client,
        'link',
        'add',
        'eth0',
        'type',
        'veth',
        'peer',
        'name',
        'eth0',
        'netns',
        this.server,
      )
      this.#address(this.client, CLIENT)
      this.#address(this.server, SERVER)
    } catch (error) {
      void this.remove()
      throw error
    }
  }

  /** Both ways, or one: packets vanish on the cable, and nobody is told. */
  drop(way: 'to the server' | 'to the client'): void {
    this.#filter(way === 'to the server' ? this.server : this.client, 'drop')
  }

  /** A firewall on the way answers every packet to the server with a reset. */
  reject(): void {
    this.#filter(this.server, 'reject with tcp reset')
  }

  link(of: 'client' | 'server', state: 'up' | 'down'): void {
    ip('-n', this[of], 'link', 'set', 'eth0', state)
  }

  /** The client is in another network now, so to speak: it has another address, and the old one no more. */
  move(): void {
    ip('-n', this.client, 'address', 'delete', `${CLIENT}/24`, 'dev', 'eth0')
    this.#address(this.client, NEW_CLIENT)
  }

  /** The server's machine starts anew: it has the address, and remembers no connection. */
  reboot(): void {
    this.#add(this.#rebooted)
    ip('-n', this.server, 'link', 'set', 'eth0', 'netns', this.#rebooted)
    ip('netns', 'delete', this.server)
    this.server = this.#rebooted
    this.#address(this.server, SERVER)
  }

  /** Takes back what drop() and reject() did. */
  heal(): void {
    for (const namespace of [this.client, this.server])
      run('ip', 'netns', 'exec', namespace, 'nft', 'flush', 'ruleset')
  }

  /** How many TCP connections to or from the port the kernel of that machine has in that state. */
  count(of: 'client' | 'server', state: string): number {
    const lines = ip('netns', 'exec', this[of], 'cat', '/proc/net/tcp').split('\n').slice(1)
    const port = `:${PORT.toString(16).toUpperCase().padStart(4, '0')}`
    return lines.filter((line) => {
      const [, local, remote, st] = line.trim().split(/\s+/)
      return st === state && (of === 'client' ? remote : local)?.endsWith(port)
    }).length
  }

  /** The names of all namespaces that there are. */
  static existing(): string[] {
    return ip('netns', 'list')
      .split('\n')
      .map((line) => line.split(' ')[0]!)
  }

  async remove(): Promise<void> {
    const over = new Promise((resolve) => this.#reaper.once('close', resolve))
    this.#reaper.stdin!.end()
    await over
  }

  #add(namespace: string): void {
    ip('netns', 'add', namespace)
    ip('-n', namespace, 'link', 'set', 'lo', 'up')
  }

  #address(namespace: string, address: string): void {
    ip('-n', namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0')
    ip('-n', namespace, 'link', 'set', 'eth0', 'up')
  }

  #filter(namespace: string, verdict: string): void {
    const nft = (...args: string[]): string => run('ip', 'netns', 'exec', namespace, 'nft', ...args)
    nft('add', 'table', 'inet', 'cut')
    nft('add', 'chain', 'inet', 'cut', 'in', '{ type filter hook input priority 0; }')
    nft('add', 'rule', 'inet', 'cut', 'in', `meta l4proto tcp ${verdict}`)
  }
}

/** Why there can be no such network on this machine; nothing where there can. */
export async function obstacle(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'needs Linux'
  if (process.getuid?.() !== 0) return 'needs root'
  try {
    const network = new Network()
    try {
      network.drop('to the server')
      network.heal()
    } finally {
      await network.remove()
    }
    return undefined
  } catch (error) {
    return (error as Error).message.split('\n')[0]!.replace(/everopen-\S+/, 'a namespace')
  }
}
