/**
 * A socket in a process or thread of its own: tells its events, and does what it is told, in lines of JSON. See
 * remote.ts, the other side.
 */
import { createInterface } from 'node:readline'
import { ReconnectingSocket } from '../../src/index.js'
import type { Command, RemoteOptions, Report } from './remote.js'
import { word } from './word.js'

const { url, backoff, ...options } = JSON.parse(process.argv[2]!) as RemoteOptions
const socket = new ReconnectingSocket(url, { ...options, retry: { backoff: () => backoff } })

function tell(report: Report): void {
  process.stdout.write(`${JSON.stringify(report)}\n`)
}

socket.on('*', (type, detail) =>
  tell({
    at: Date.now(),
    word: word({ type, detail } as Parameters<typeof word>[0]),
    ...(type === 'close' && { cause: (detail as { cause?: { code?: string } }).cause?.code }),
  }),
)

/** Tells what is left of the socket once it is closed. */
async function end(): Promise<void> {
  socket.close()
  const { by } = await socket.closed
  // ws lets go of the TCP connection in the turns that follow
  const left = (): string[] =>
    process.getActiveResourcesInfo().filter((name) => name === 'Timeout' || name === 'TCPSocketWrap')
  for (let turns = 0; left().length > 0 && turns < 1_000; turns++) await new Promise(setImmediate)
  tell({ at: Date.now(), word: `ended by ${by}`, left: left() })
}

const commands = createInterface({ input: process.stdin })
commands.on('line', (line) => {
  const command = JSON.parse(line) as Command
  if ('send' in command) socket.send(command.send)
  if ('close' in command) void end()
  if ('block' in command) {
    tell({ at: Date.now(), word: 'blocked' })
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, command.block)
    tell({ at: Date.now(), word: 'unblocked' })
  }
})
// whoever controls it is gone
commands.on('close', () => socket.terminate())
