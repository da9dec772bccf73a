/** In a pipe: each line of input is a message, and each message a line of output. */
import type { Conversation } from './conversation.js'
import { encode } from './encode.js'
import { given, type Input, readAhead } from './input.js'

/**
 * Ends when everything has been sent and the time for receiving is over, when the socket is closed, or after an
 * interrupt. Resolves with a function that counts what was not sent; only a closed socket sends no more of it.
 */
export async function pipe(conversation: Conversation): Promise<() => Promise<void>> {
  const { config, socket, delivery, tell, interrupted } = conversation
  conversation.connect()
  // binary data may contain a carriage return anywhere
  const end = config.encoding === 'binary' ? 'lf' : 'crlf'
  const input = config.execute
    ? given(config.execute)
    : readAhead(process.stdin, end, () => delivery.refuse())
  const sent = send(input, conversation).then(() => delivery.flushed())
  const late = input.ended.then((error) => {
    if (error) {
      delivery.refuse()
      tell({ type: 'input', problem: `the rest of the input could not be read: ${error.code}` })
    }
    return pause(config.drain)
  })
  const stopped = interrupted.then(() => {
    input.stop()
    return pause(config.drain ?? 0)
  })
  if (await Promise.race([sent, late, socket.closed, stopped]))
    await Promise.race([pause(config.linger), socket.closed, interrupted])
  input.stop()
  return async () => {
    for await (const _ of input.lines) delivery.refuse()
  }
}

async function send(input: Input, { config, socket, delivery, tell }: Conversation): Promise<void> {
  let number = 0
  for await (const line of input.lines) {
    number++
    const message = encode(line, config.encoding)
    let problem: string | undefined
    if (typeof message !== 'string' && 'problem' in message) {
      delivery.refuse()
      problem = message.problem
    } else if (!(await delivery.send(message)) && socket.state !== 'closed')
      problem = 'is longer than a session can hold'
    if (problem) tell({ type: 'input', problem: `line ${number} was not sent: it ${problem}` })
  }
}

function pause(ms = Infinity): Promise<void> {
  return new Promise((resolve) => ms !== Infinity && setTimeout(resolve, ms))
}
