/** A server that others wrote, as a process with a port of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

export interface ServerProcess {
  /** Kills it, and waits until it is gone. */
  stop(): Promise<void>
}

/** How long a server may take to listen. */
const START = 20_000

/**
 * Starts a server, and waits until it listens on `port`.
 * @param config Written to a file whose path replaces `CONFIG` in the arguments; `FOLDER` in it is a folder to write to.
 */
export async function startServer(
  command: string,
  args: readonly string[],
  port: number,
  config = '',
): Promise<ServerProcess> {
  const folder = mkdtempSync(path.join(tmpdir(), 'everopen-server-'))
  const file = path.join(folder, 'config')
  writeFileSync(file, config.replaceAll('FOLDER', folder))
  const child = spawn(
    command,
    args.map((arg) => arg.replace('CONFIG', file)),
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  child.stderr.on('data', (data) => (said += data))
  const stop = async (): Promise<void> => {
    if (alive(child)) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    rmSync(folder, { recursive: true, force: true })
  }
  const deadline = Date.now() + START
  while (!(await listens(port))) {
    if (alive(child) && Date.now() < deadline) continue
    await stop()
    throw new Error(`${command} does not listen: ${said}`)
  }
  return { stop }
}

const alive = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => (socket.destroy(), resolve(true)))
    // not at once again
    socket.on('error', () => setTimeout(() => resolve(false), 50))
  })
}
