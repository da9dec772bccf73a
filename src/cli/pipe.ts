/** In a pipe: each line of input is a message, and each message a line of output. */
import type { Conversation } from './conversation.js'
import { encode } from './encode.js'
import { lines } from './lines.js'

/** Ends when everything has been sent and the time for receiving is over, or when the socket is closed. */
export async function pipe(conversation: Conversation): Promise<void> {
  const { config, socket, delivery } = conversation
  conversation.connect()
  const sent = async (): Promise<void> => {
    await send(conversation)
    if (await delivery.flushed(config.drain)) await pause(config.linger)
  }
  await Promise.race([sent(), socket.closed])
}

async function send({ config, delivery, tell }: Conversation): Promise<void> {
  const source = config.execute?.map((text) => Buffer.from(text)) ?? lines(process.stdin)
  let number = 0
  for await (const line of source) {
    number++
    const message = encode(line, config.encoding)
    if (typeof message !== 'string' && 'problem' in message) {
      delivery.refuse()
      tell({ type: 'input', problem: `line ${number} was not sent: it ${message.problem}` })
    } else if (!(await delivery.send(message))) return
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => ms !== Infinity && setTimeout(resolve, ms))
}
