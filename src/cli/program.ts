/** The command line: its options and its help. config.ts interprets them. */
import { Command, CommanderError } from 'commander'
import { UsageError } from './usage-error.js'

/** The options as given, as text. */
export interface Given {
  readonly subprotocol?: readonly string[]
  readonly header?: readonly string[]
  readonly cookie?: string
  readonly origin?: string
  readonly auth?: string
  readonly proxy?: string
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly passphrase?: string
  readonly servername?: string
  readonly insecure?: true
  readonly compression: boolean
  readonly maxPayload?: string
  readonly connectTimeout?: string
  readonly closeTimeout?: string
  readonly heartbeat?: string | false
  readonly heartbeatTimeout?: string
  readonly backoff?: string
  readonly backoffBase?: string
  readonly backoffCap?: string
  readonly retry: boolean
  readonly retryLimit?: string
  readonly retryFor?: string
  readonly json?: true
  readonly binary?: true
  readonly base64?: true
  readonly raw?: true
  readonly eofWait?: string
  readonly hello?: readonly string[]
  readonly session?: true
  readonly sessionFile?: string
  readonly drain?: string
  readonly execute?: readonly string[]
  readonly wait?: string
  readonly timings?: true
  readonly showPingPong?: true
  readonly verbose: number
  readonly quiet?: true
  readonly color: boolean
  readonly listen?: string
  readonly bind?: string
  readonly closeEvery?: string
  readonly closeCode?: string
  readonly silent?: true
}

/** Help or version was requested and has been written. */
export class Told extends Error {}

const collect = (value: string, all: readonly string[] = []): string[] => [...all, value]
const count = (_: string, before: number): number => before + 1

const examples = `
Durations are in seconds, or carry a unit: 500ms, 1.5s, 2m. A secret can come from a file or from standard
input: --auth @FILE, --header @FILE, --cookie @FILE, --hello @FILE, --passphrase @FILE (@- is standard input).

Examples:
  everopen wss://example.test/feed                        talk to a server
  echo hello | everopen --eof-wait 1 wss://example.test   send a line, print answers for a second
  everopen -x '{"op":"status"}' -w 2 wss://example.test   the same with an option
  tail -F app.log | everopen wss://example.test/logs      lines wait while the server is down
  everopen --hello @token --drain 10 wss://example.test   log in on each connection; send the rest
  everopen --json wss://example.test | jq -r .data        one object per event
  tail -F app.log | everopen --session wss://example.test each line exactly once, over lost connections
  everopen -H 'Authorization: Bearer …' wss://example.test
  everopen --listen 8080 --close-every 3                  an echo server that closes connections

Exit status: 0 success; 1 never connected; 2 invalid arguments; 3 the connection ended for good; 4 messages not delivered,
even if 1 or 3 applies too; 5 output not written; 130 Ctrl-C; 141 output closed; 143 terminated.`

function makeProgram(version: string): Command {
  return new Command('everopen')
    .description('Talks to a WebSocket server, and stays connected.')
    .usage('[options] <url...>\n       everopen --listen <port> [options]')
    .argument('[url...]', 'ws: or wss: URL; several are tried in turn')
    .optionsGroup('The connection:')
    .option('-s, --subprotocol <name>', 'offer a subprotocol; may be repeated', collect)
    .option('-H, --header <header>', "send a header, 'Name: value'; may be repeated", collect)
    .option('--cookie <cookie>', "send cookies, 'a=1; b=2'")
    .option('-o, --origin <origin>', 'send an Origin header')
    .option('--auth <name:password>', 'basic authentication')
    .option(
      '-p, --proxy <url>',
      'connect through an http:, https:, socks4: or socks5: proxy; env: from https_proxy etc.',
    )
    .option('--ca <file>', 'trust the certificates in this file')
    .option('--cert <file>', 'certificate of the client; of the server with --listen')
    .option('--key <file>', 'its key')
    .option('--passphrase <text>', "the key's passphrase")
    .option('--servername <name>', 'server name that the certificate must match')
    .option('-k, --insecure', 'do not verify the server’s certificate')
    .option('--no-compression', 'do not offer permessage-deflate')
    .option('--max-payload <bytes>', 'refuse longer messages (default: 100M)')
    .option('--connect-timeout <time>', 'time limit for connecting (default: 10)')
    .option('--close-timeout <time>', 'time limit for closing (default: 5)')
    .optionsGroup('Staying connected:')
    .option('--heartbeat <time>', 'interval between pings (default: 25)')
    .option('--no-heartbeat', 'send no pings')
    .option('--heartbeat-timeout <time>', 'time to wait for an answer to a ping (default: 10)')
    .option('--backoff <type>', 'exponential, full, equal, decorrelated or constant')
    .option('--backoff-base <time>', 'first delay')
    .option('--backoff-cap <time>', 'longest delay')
    .option('--retry-limit <n>', 'give up after n retries in a row')
    .option('--retry-for <time>', 'give up after an outage this long')
    .option('--no-retry', 'do not reconnect')
    .option('--session', 'deliver messages exactly once and in order; needs a server with sessions')
    .option('--session-file <file>', 'the same, and keep the session in a file between runs')
    .optionsGroup('Input and output:')
    .option('-x, --execute <message>', 'send this instead of the input; may be repeated', collect)
    .option('--hello <message>', 'send this first on each connection; may be repeated', collect)
    .option('-w, --wait <time>', 'keep receiving after -x (default: 2; -1: forever)')
    .option('--eof-wait <time>', 'keep receiving after the end of input (default: 0; -1: forever)')
    .option('--drain <time>', 'time limit for sending waiting messages at the end and after Ctrl-C')
    .option('--json', 'write a JSON object for each event')
    .option('--binary', 'send lines as binary messages')
    .option('--base64', 'read lines and write binary messages in base64')
    .option('--raw', 'write messages without a newline')
    .option('--timings', 'report the duration of each step of connecting')
    .option('-P, --show-ping-pong', 'report received pings and pongs')
    .option('-v, --verbose', 'report more; -vv: every transition', count, 0)
    .option('-q, --quiet', 'report only failures')
    .option('--no-color', 'no colours, as with NO_COLOR')
    .optionsGroup('An echo server instead:')
    .option('-l, --listen <port>', 'echo each message; 0 picks a free port')
    .option('--bind <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--close-every <n>', 'close each connection after n messages; 0: at once')
    .option('--close-code <code>', 'close code (default: 1001); 1006 drops the connection')
    .option('--silent', 'answer nothing, not even pings or Close')
    .optionsGroup('Help:')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .addHelpText('after', examples)
}

/** Parses the arguments. Throws UsageError, or Told after writing the help or the version. */
export function readProgram(
  args: readonly string[],
  version: string,
  write: (text: string) => void,
): { readonly urls: readonly string[]; readonly given: Given } {
  const program = makeProgram(version)
  // errors are thrown, and reported by the caller
  program.exitOverride().configureOutput({ writeOut: write, writeErr: () => {} })
  try {
    program.parse(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) throw new Told()
    throw new UsageError(withoutValues(error.message))
  }
  return { urls: program.args, given: program.opts<Given>() }
}

/** Removes what follows an unknown option's name in an error message: it may be a secret. */
function withoutValues(message: string): string {
  return message
    .replace(/^error: /, '')
    .replace(/'(--[^'=]*)=[^]*?'(?=\n|$)/, "'$1'")
    .replace(/'(-[^-])[^]*?'(?=\n|$)/, "'$1'")
}
