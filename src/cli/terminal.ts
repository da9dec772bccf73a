/** Interactive use: a prompt that shows the state, with messages above it and commands after a slash. */
import { InvalidArgumentError, type Snapshot } from '../index.js'
import { help, parseCommand, type Command } from './commands.js'
import { encode } from './encode.js'
import type { Interrupt } from './interrupt.js'
import type { Reporter } from './reporter.js'
import type { Screen } from './screen.js'
import type { Conversation } from './conversation.js'
import { printable, seconds } from './text.js'

/** Interval for updating the countdown, in ms. */
const TICK = 200

/** Ends when the user says so: a closed connection can be opened again. */
export async function terminal(
  conversation: Conversation,
  screen: Screen,
  reporter: Reporter,
  interrupt: Interrupt,
): Promise<void> {
  const { socket, delivery } = conversation
  const show = (): void => {
    const text = stateOf(socket.snapshot, delivery.waiting.size, Date.now())
    screen.prompt(`${reporter.paint('strong', text)}> `)
  }
  const ticking = setInterval(show, TICK)
  socket.subscribe(show)
  const left = new Promise<void>((resolve) =>
    screen.listen({
      line(text) {
        if (text !== '') run(parseCommand(text), conversation, screen, reporter)
        show()
      },
      interrupt: () => interrupt.raise(),
      end: resolve,
    }),
  )
  conversation.connect()
  show()
  await Promise.race([left, interrupt.first])
  clearInterval(ticking)
  if (interrupt.status !== undefined && conversation.config.drain !== undefined)
    await delivery.flushed(conversation.config.drain)
}

function run(command: Command, conversation: Conversation, screen: Screen, reporter: Reporter): void {
  const { socket, delivery, config } = conversation
  const complain = (problem: string): void => reporter.say('bad', printable(problem))
  switch (command.type) {
    case 'send': {
      const message = encode(Buffer.from(command.text), config.encoding)
      if (typeof message !== 'string' && 'problem' in message)
        return complain(`not sent: it ${message.problem}`)
      if (socket.state === 'closed') return complain('not sent: not connected; type /connect first')
      if (!delivery.offer(message)) complain('not sent: too many messages wait already')
      return
    }
    case 'ping':
      if (socket.state !== 'open') return complain('not connected')
      if (config.heartbeat === false) return complain('there are no pings, by --no-heartbeat')
      answered(conversation, reporter)
      return conversation.ping()
    case 'close':
    case 'reconnect':
      try {
        if (command.type === 'reconnect' && socket.state === 'closed') conversation.connect()
        else socket[command.type](command.code, command.reason)
      } catch (error) {
        if (!(error instanceof InvalidArgumentError)) throw error
        complain(error.message)
      }
      return
    case 'connect':
      return conversation.connect()
    case 'status':
      return screen.write(statusOf(conversation))
    case 'help':
      return screen.write(help)
    case 'quit':
      return screen.close()
    case 'unknown':
      return complain(command.problem)
  }
}

/** Reports the next answer to a ping, or that there is none. */
function answered({ socket }: Conversation, reporter: Reporter): void {
  const undo = [
    socket.on('heartbeat', ({ rtt }) => {
      stop()
      reporter.say('good', `answered after ${rtt.toFixed(1)} ms`)
    }),
    socket.on('close', () => stop()),
  ]
  const stop = (): void => undo.forEach((each) => each())
}

/** The state in a few words, for the prompt. */
export function stateOf({ state, nextDialAt }: Snapshot, waiting: number, now: number): string {
  const what = nextDialAt === undefined ? state : `retry in ${seconds(Math.max(0, nextDialAt - now))}`
  return waiting === 0 ? what : `${what}, ${waiting} waiting`
}

function statusOf({ socket, delivery }: Conversation): string {
  const { snapshot, protocol, extensions } = socket
  const { state, phase, endpoint, attempt, lastEnd } = snapshot
  const lines: Record<string, string | number | undefined> = {
    state: phase ? `${state} (${phase})` : state,
    endpoint,
    attempt,
    subprotocol: protocol,
    extensions,
    waiting: `${delivery.waiting.size} messages, ${delivery.waiting.bytes} bytes`,
    'in doubt': `${delivery.inDoubt} messages`,
    'last end': lastEnd && `${lastEnd.code}${lastEnd.reason && ` "${lastEnd.reason}"`} by ${lastEnd.by}`,
  }
  return Object.entries(lines)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name}: ${printable(String(value))}`)
    .join('\n')
}
