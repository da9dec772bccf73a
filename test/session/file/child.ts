/** A client whose session is in a file. It is killed in the middle of its work; the next one goes on. */
import { openSync, writeSync } from 'node:fs'
import { file } from '../../../src/session/file/index.js'
import { SessionSocket } from '../../../src/session/socket.js'

const [url, path, journal, run, burst] = process.argv.slice(2) as [string, string, string, string, string]
const log = openSync(journal, 'a')
const note = (...words: unknown[]): void => void writeSync(log, `${words.join(' ')}\n`)

const socket = new SessionSocket(url, {
  retry: { backoff: { type: 'constant', base: 20 } },
  session: { store: file(path), maxMessages: Infinity },
})
socket.on('message', (data) => note('got', socket.received, data))
socket.on('lost', ({ reason }) => note('lost', reason))

let sent = 0
function send(): void {
  for (let i = 0; i < 10 && sent < Number(burst); i++) {
    socket.send(`${run}.${sent}`)
    note('sent', `${run}.${sent++}`)
  }
  if (sent < Number(burst)) setImmediate(send)
}
send()
