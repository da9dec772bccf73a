/** Options for Node. Like the other options, the types do not depend on a platform's types. */
import type { Attempt, Provider, UrlLike } from './provider.js'

/** Request headers of the opening handshake: an object, or pairs such as those of a `Map` or of `Headers`. */
export type Headers =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | Iterable<readonly [name: string, value: string]>

/** The part of Node's `http.Agent` that distinguishes it from other objects. */
export interface AgentLike {
  /** Largest number of concurrent connections to one host. */
  readonly maxSockets: number
  /** Closes idle connections. */
  destroy(): void
}

/** Returns an agent for the connection to `url`, or undefined for none. Called before every attempt and redirect. */
export type AgentProvider = (
  url: UrlLike,
  attempt: Attempt,
) => AgentLike | undefined | Promise<AgentLike | undefined>

/** A certificate, a key, or a store of both, as in node:tls. */
export type Pem = string | Uint8Array

/** A key with its own passphrase. */
export interface ProtectedKey {
  /** The key. */
  readonly pem: Pem
  /** Its passphrase. */
  readonly passphrase?: string | undefined
}

/** A store with its own passphrase. */
export interface ProtectedStore {
  /** The store in PKCS #12 format. */
  readonly buf: Pem
  /** Its passphrase. */
  readonly passphrase?: string | undefined
}

/** TLS options, named as in node:tls. The server's certificate is always verified, whatever the environment says. */
export interface TlsOptions {
  /** Certificate authorities to trust instead of those built into Node. */
  readonly ca?: Pem | readonly Pem[] | undefined
  /** The client's certificate chain. */
  readonly cert?: Pem | readonly Pem[] | undefined
  /** The key of the client's certificate. */
  readonly key?: Pem | readonly (Pem | ProtectedKey)[] | undefined
  /** The client's certificate and key in PKCS #12 format. */
  readonly pfx?: Pem | readonly (Pem | ProtectedStore)[] | undefined
  /** The passphrase of `key` or `pfx`. */
  readonly passphrase?: string | undefined
  /** Certificate revocation lists. */
  readonly crl?: Pem | readonly Pem[] | undefined
  /** The server name to request and verify, instead of the URL's host. */
  readonly servername?: string | undefined
  /** The cipher suites, in the format of OpenSSL. Default: those of Node. */
  readonly ciphers?: string | undefined
  /** The curves for key exchange, separated by colons. Default: those of Node. */
  readonly ecdhCurve?: string | undefined
  /** The signature algorithms, separated by colons. Default: those of Node. */
  readonly sigalgs?: string | undefined
  /** The oldest TLS version to accept. Default: that of Node, TLS 1.2. */
  readonly minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3' | undefined
  /** The newest TLS version to accept. Default: that of Node, TLS 1.3. */
  readonly maxVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3' | undefined
  /** The result of `tls.createSecureContext()`, instead of the options above. */
  readonly secureContext?: object | undefined
  /**
   * Checks the certificate of an otherwise trusted server, for example to pin it, and returns an error if it is not
   * acceptable. Replaces the comparison with the host name.
   */
  readonly checkServerIdentity?: ((hostname: string, certificate: never) => Error | undefined) | undefined
  /** Default `true`. Instead of `false`, use `insecureTls: true`. */
  readonly rejectUnauthorized?: true | undefined
  /** Trusts any certificate. Only for local tests. */
  readonly insecureTls?: boolean | undefined
}

/** Compression of messages, RFC 7692. */
export interface DeflateOptions {
  /** Asks the server to compress each message separately, which saves memory. Default false. */
  readonly serverNoContextTakeover?: boolean | undefined
  /** Compresses each message separately. Default false, unless the server requires it. */
  readonly clientNoContextTakeover?: boolean | undefined
  /** Largest window of the server's compression, 8–15. Default: the server decides. */
  readonly serverMaxWindowBits?: number | undefined
  /** Largest window of this side's compression, 8–15; `true` lets the server decide. Default `true`. */
  readonly clientMaxWindowBits?: boolean | number | undefined
  /** Options of node:zlib. */
  readonly zlibDeflateOptions?: object | undefined
  /** Options of node:zlib. */
  readonly zlibInflateOptions?: object | undefined
  /** Without context takeover, messages smaller than this, in bytes, are not compressed. Default 1,024. */
  readonly threshold?: number | undefined
  /** Largest number of concurrent zlib calls. Default 10. */
  readonly concurrencyLimit?: number | undefined
}

/** Options for Node only. Ignored in browsers. */
export interface NodeOptions extends TlsOptions {
  /** Request headers, or a function that returns them for each attempt. Headers of the handshake itself are rejected. */
  readonly headers?: Provider<Headers | undefined>
  /** The `Cookie` header, or a function that returns it for each attempt. Merged with a `cookie` in `headers`. */
  readonly cookie?: Provider<string | undefined>
  /** The `Origin` header. Default `false`: none. */
  readonly origin?: string | false | undefined
  /** The `Host` header, instead of the URL's host. */
  readonly host?: string | undefined
  /** An `http.Agent`, such as one for a proxy, or a function that returns one for the URL. Default: none. */
  readonly agent?: AgentLike | AgentProvider | undefined
  /**
   * Replaces node:net: returns a connected or connecting socket, or passes it to `done`. For `wss:`, TLS is added unless
   * the socket already has it.
   */
  readonly createConnection?:
    ((options: never, done: (error?: Error | null, socket?: unknown) => void) => unknown) | undefined
  /** The local address to connect from. */
  readonly localAddress?: string | undefined
  /** 4 or 6 to use only that IP version. Default 0: both. */
  readonly family?: 0 | 4 | 6 | undefined
  /** Replaces `dns.lookup`. */
  readonly lookup?: ((...args: never[]) => void) | undefined
  /** TCP keep-alive: `true`, or the idle time in ms before the first probe. Default false, since the heartbeat does more. */
  readonly keepAlive?: boolean | number | undefined
  /** Whether small writes are sent immediately (TCP_NODELAY). Default true. */
  readonly noDelay?: boolean | undefined
  /** Compression (RFC 7692). Default true: offered to the server. */
  readonly perMessageDeflate?: boolean | DeflateOptions | undefined
  /** Largest message to receive, in bytes; a larger one closes the connection with 1009. Default 100 MiB. */
  readonly maxPayload?: number | undefined
  /** Skips the check that text is valid UTF-8. Default false. */
  readonly skipUTF8Validation?: boolean | undefined
  /** Payload of heartbeat pings, at most 125 bytes. Default: none. */
  readonly pingPayload?: string | Uint8Array | undefined
  /**
   * Whether to follow 3xx responses. Credentials and the client's certificate are not sent to another origin, and
   * redirects from `wss:` to `ws:` are not followed. Default false.
   */
  readonly followRedirects?: boolean | undefined
  /** Largest number of redirects to follow. Default 10. */
  readonly maxRedirects?: number | undefined
}
