/** Input at the prompt: a message, or a command after a slash. */

export type Command =
  | { readonly type: 'send'; readonly text: string }
  | { readonly type: 'close' | 'reconnect'; readonly code?: number; readonly reason?: string }
  | { readonly type: 'connect' | 'ping' | 'status' | 'help' | 'quit' }
  | { readonly type: 'unknown'; readonly problem: string }

export const help = [
  '/ping                       ping the server',
  '/close [code [reason]]      close the connection and stay disconnected',
  '/connect                    connect again after /close',
  '/reconnect [code [reason]]  replace the connection with a new one',
  '/status                     show the state of the connection',
  '/help                       show this list',
  '/quit                       close and exit, like Ctrl-D; Ctrl-C twice exits at once',
  '//…                         send a message that begins with /',
].join('\n')

const plain = ['connect', 'ping', 'status', 'help', 'quit'] as const

export function parseCommand(line: string): Command {
  if (!line.startsWith('/')) return { type: 'send', text: line }
  if (line.startsWith('//')) return { type: 'send', text: line.slice(1) }
  const [, name = '', rest = ''] = /^\/(\S*)\s*([^]*)$/.exec(line)!
  const known = plain.find((each) => each === name)
  if (known) return { type: known }
  if (name !== 'close' && name !== 'reconnect')
    return { type: 'unknown', problem: `/${name} is unknown; /help lists the commands` }
  const [, digits, reason = ''] = /^(\d+)?\s*([^]*)$/.exec(rest)!
  return {
    type: name,
    ...(digits !== undefined && { code: Number(digits) }),
    ...(reason !== '' && { reason }),
  }
}
