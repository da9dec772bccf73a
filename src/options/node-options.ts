/** What a user may ask for in Node alone. Like the other options, the types name no platform. */
import type { Attempt, Provider, UrlLike } from './provider.js'

/** Request headers of the opening handshake: an object, or pairs such as those of a `Map` or of `Headers`. */
export type Headers =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | Iterable<readonly [name: string, value: string]>

/** The part of Node's `http.Agent` that tells it from other objects. */
export interface AgentLike {
  /** Connections to one host at a time. */
  readonly maxSockets: number
  /** Ends those that are kept for later. */
  destroy(): void
}

/** An agent for the connection to `url`; nothing for none. Asked before every attempt, and for every redirect. */
export type AgentProvider = (
  url: UrlLike,
  attempt: Attempt,
) => AgentLike | undefined | Promise<AgentLike | undefined>

/** A certificate, a key, or a store of both, as node:tls takes it. */
export type Pem = string | Uint8Array

/** A key with a passphrase of its own. */
export interface ProtectedKey {
  readonly pem: Pem
  readonly passphrase?: string | undefined
}

/** A store with a passphrase of its own. */
export interface ProtectedStore {
  readonly buf: Pem
  readonly passphrase?: string | undefined
}

/** TLS, under the names of node:tls. The server's certificate is verified, whatever the environment says. */
export interface TlsOptions {
  /** Authorities to trust in place of those that Node brings along. */
  readonly ca?: Pem | readonly Pem[] | undefined
  /** The client's certificate chain. */
  readonly cert?: Pem | readonly Pem[] | undefined
  /** The key of the client's certificate. */
  readonly key?: Pem | readonly (Pem | ProtectedKey)[] | undefined
  /** The client's certificate and key in one, as PKCS #12. */
  readonly pfx?: Pem | readonly (Pem | ProtectedStore)[] | undefined
  /** Of `key` or `pfx`. */
  readonly passphrase?: string | undefined
  /** Certificates that are revoked. */
  readonly crl?: Pem | readonly Pem[] | undefined
  /** The name to ask for and to verify, in place of the URL's host. */
  readonly servername?: string | undefined
  readonly ciphers?: string | undefined
  readonly ecdhCurve?: string | undefined
  readonly sigalgs?: string | undefined
  readonly minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3' | undefined
  readonly maxVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3' | undefined
  /** Made by `tls.createSecureContext()`, in place of the above. */
  readonly secureContext?: object | undefined
  /**
   * Looks at the certificate of a server that is trusted otherwise, to pin it for example; returns what is wrong with
   * it. It takes the place of the comparison with the host's name.
   */
  readonly checkServerIdentity?: ((hostname: string, certificate: never) => Error | undefined) | undefined
  /** `true` is the default; for `false` say `insecureTls: true`. */
  readonly rejectUnauthorized?: true | undefined
  /** Trusts any certificate of anybody. For a test on one machine, and nothing else. */
  readonly insecureTls?: boolean | undefined
}

/** Compression of messages, RFC 7692. */
export interface DeflateOptions {
  readonly serverNoContextTakeover?: boolean | undefined
  readonly clientNoContextTakeover?: boolean | undefined
  readonly serverMaxWindowBits?: number | undefined
  readonly clientMaxWindowBits?: boolean | number | undefined
  /** Options of node:zlib. */
  readonly zlibDeflateOptions?: object | undefined
  /** Options of node:zlib. */
  readonly zlibInflateOptions?: object | undefined
  /** Smaller messages are not compressed, in bytes. Default 1,024. */
  readonly threshold?: number | undefined
  /** Most calls of zlib at a time. Default 10. */
  readonly concurrencyLimit?: number | undefined
}

/** Options that only Node has. Ignored, unread, in browsers. */
export interface NodeOptions extends TlsOptions {
  /** Request headers, or a function that gives them for each attempt. Those of the handshake itself are refused. */
  readonly headers?: Provider<Headers | undefined>
  /** The `Cookie` header, or a function that gives it for each attempt. Joins a `cookie` among the headers. */
  readonly cookie?: Provider<string | undefined>
  /** The `Origin` header. Default `false`: none. */
  readonly origin?: string | false | undefined
  /** The `Host` header, in place of the URL's host. */
  readonly host?: string | undefined
  /** An `http.Agent`, such as one for a proxy, or a function that gives one for the URL. Default: none. */
  readonly agent?: AgentLike | AgentProvider | undefined
  /**
   * Connects in place of node:net: returns a socket, connected or connecting, or hands it to `done`. For `wss:` TLS is
   * added, unless the socket has it.
   */
  readonly createConnection?:
    ((options: never, done: (error: Error | null, socket?: unknown) => void) => unknown) | undefined
  /** The local address to connect from. */
  readonly localAddress?: string | undefined
  /** 4 or 6 for that version of IP alone. Default 0: both. */
  readonly family?: 0 | 4 | 6 | undefined
  /** In place of `dns.lookup`. */
  readonly lookup?: ((...args: never[]) => void) | undefined
  /** TCP keep-alive: `true`, or ms of silence before the first probe. Default false: the heartbeat does more. */
  readonly keepAlive?: boolean | number | undefined
  /** Whether small writes go out at once. Default true. */
  readonly noDelay?: boolean | undefined
  /** Compression. Default true: offered to the server. */
  readonly perMessageDeflate?: boolean | DeflateOptions | undefined
  /** Longest message to receive, in bytes; a longer one ends the connection with 1009. Default 100 MiB. */
  readonly maxPayload?: number | undefined
  /** Takes the server's word for it that text is UTF-8. Default false. */
  readonly skipUTF8Validation?: boolean | undefined
  /** Payload of the heartbeat's pings, at most 125 bytes. Default: none. */
  readonly pingPayload?: string | Uint8Array | undefined
  /**
   * Whether to dial where a 3xx answer points. To another origin go neither credentials nor the client's certificate;
   * from `wss:` to `ws:` it does not go. Default false.
   */
  readonly followRedirects?: boolean | undefined
  /** Default 10. */
  readonly maxRedirects?: number | undefined
}
