/** The command line: its options and its help. What they mean together is decided in config.ts. */
import { Command, CommanderError } from 'commander'
import { UsageError } from './usage-error.js'

/** What the command line says, as text. */
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

/** Help or version was asked for: all is said. */
export class Told extends Error {}

const collect = (value: string, all: readonly string[] = []): string[] => [...all, value]
const count = (_: string, before: number): number => before + 1

const examples = `
Durations are seconds, or have a unit: 500ms, 1.5s, 2m. A secret may come from a file or from the standard
input: --auth @FILE, --header @FILE, --cookie @FILE, --hello @FILE, --passphrase @FILE (@- is the standard input).

Examples:
  everopen wss://example.test/feed                        talk to a server
  echo hello | everopen --eof-wait 1 wss://example.test   send a line, print what comes for a second
  everopen -x '{"op":"status"}' -w 2 wss://example.test   the same, as an option
  tail -f app.log | everopen wss://example.test/logs      lines wait while the server is away
  everopen --hello @token --drain 10 wss://example.test   log in on each connection; send what is left
  everopen --json wss://example.test | jq -r .data        an object for each event
  tail -f app.log | everopen --session wss://example.test each line exactly once, over lost connections
  everopen -H 'Authorization: Bearer …' wss://example.test
  everopen --listen 8080 --close-every 3                  an echo server that closes connections

Exit status: 0 done; 1 never connected; 2 wrong usage; 3 the connection ended for good; 4 messages not delivered;
130 Ctrl-C; 141 output closed; 143 terminated.`

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
      'connect through an http:, https: or socks5: proxy; env: as https_proxy and the like say',
    )
    .option('--ca <file>', 'trust the certificates in this file')
    .option('--cert <file>', 'certificate of the client; of the server with --listen')
    .option('--key <file>', 'its key')
    .option('--passphrase <text>', "the key's passphrase")
    .option('--servername <name>', 'name that the server’s certificate must have')
    .option('-k, --insecure', 'do not verify the server’s certificate')
    .option('--no-compression', 'do not offer permessage-deflate')
    .option('--max-payload <bytes>', 'refuse longer messages (default: 100M)')
    .option('--connect-timeout <time>', 'longest time to connect (default: 10)')
    .option('--close-timeout <time>', 'longest time to close (default: 5)')
    .optionsGroup('Staying connected:')
    .option('--heartbeat <time>', 'between two pings (default: 25)')
    .option('--no-heartbeat', 'no pings')
    .option('--heartbeat-timeout <time>', 'until an unanswered ping means dead (default: 10)')
    .option('--backoff <type>', 'exponential, full, equal, decorrelated or constant')
    .option('--backoff-base <time>', 'its first delay')
    .option('--backoff-cap <time>', 'its longest delay')
    .option('--retry-limit <n>', 'give up after n retries in a row')
    .option('--retry-for <time>', 'give up after an outage this long')
    .option('--no-retry', 'never dial again')
    .option('--session', 'deliver messages exactly once and in order; needs a server with sessions')
    .option('--session-file <file>', 'the same, and keep the session in a file between runs')
    .optionsGroup('Input and output:')
    .option('-x, --execute <message>', 'send this instead of the input; may be repeated', collect)
    .option('--hello <message>', 'send this first on each connection; may be repeated', collect)
    .option('-w, --wait <time>', 'go on receiving after -x (default: 2; -1: for ever)')
    .option('--eof-wait <time>', 'go on receiving after the end of input (default: 0; -1: for ever)')
    .option('--drain <time>', 'at the end, and after Ctrl-C, longest time to send what waits')
    .option('--json', 'write a JSON object for each event')
    .option('--binary', 'send lines as binary messages')
    .option('--base64', 'lines are binary messages in base64; write binary messages so')
    .option('--raw', 'write messages with no newline after them')
    .option('--timings', 'tell how long each step of connecting took')
    .option('-P, --show-ping-pong', 'tell of pings and pongs received')
    .option('-v, --verbose', 'tell more; -vv: every transition', count, 0)
    .option('-q, --quiet', 'tell nothing but errors of the command itself')
    .option('--no-color', 'no colours, as with NO_COLOR set')
    .optionsGroup('An echo server instead:')
    .option('-l, --listen <port>', 'echo each message; 0 finds a free port')
    .option('--bind <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--close-every <n>', 'close each connection after n messages; 0 at once')
    .option('--close-code <code>', 'with this code (default: 1001); 1006 drops it without a word')
    .option('--silent', 'answer nothing, not even a ping or Close')
    .optionsGroup('Help:')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .addHelpText('after', examples)
}

/** Reads the arguments. Throws UsageError, or Told after the help or the version has been written. */
export function readProgram(
  args: readonly string[],
  version: string,
  write: (text: string) => void,
): { readonly urls: readonly string[]; readonly given: Given } {
  const program = makeProgram(version)
  // errors are thrown, and told by whoever catches them
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

/** An unknown option is quoted with what was glued to it, and that may be a secret. */
function withoutValues(message: string): string {
  return message
    .replace(/^error: /, '')
    .replace(/'(--[^'=]*)=[^]*?'(?=\n|$)/, "'$1'")
    .replace(/'(-[^-])[^]*?'(?=\n|$)/, "'$1'")
}
