/** `everopen/server/redis`: sessions in Redis or Valkey, shared by any number of server processes. */
import { fields, number, object, rule } from '../../options/rules.js'
import { withDefaults } from '../../options/rules.js'
import type { RedisClientOptions } from 'redis'
import type { SessionStore } from '../store.js'
import { RedisStore } from './store.js'

/** Options of `redisStore`. */
export interface RedisStoreOptions {
  /** `redis[s]://[[user][:password]@][host][:port][/db]`. Default: `redis://localhost:6379`, or as in `client`. */
  readonly url?: string | undefined
  /** Prefix of all keys and channels. Default: `everopen`. */
  readonly prefix?: string | undefined
  /**
   * How long an operation waits for an unreachable Redis, in ms, before it rejects with `StoreUnavailableError`: from 0 to
   * 60,000. Default: 10,000.
   */
  readonly patience?: number | undefined
  /** Other options of `createClient` in the `redis` package, such as TLS. The store handles reconnection itself. */
  readonly client?: RedisClientOptions | undefined
}

const check = fields<RedisStoreOptions>({
  url: rule(
    'must be a redis: or rediss: URL',
    (value) => typeof value === 'string' && /^rediss?:\/\//.test(value),
  ),
  prefix: rule(
    'must be 1 to 64 characters without a brace',
    (value) => typeof value === 'string' && /^[^{}]{1,64}$/.test(value),
  ),
  patience: number(0, 60_000, 'a duration in ms'),
  client: object,
})

/**
 * Returns a store in Redis 7 or Valkey. Needs the package `redis` 5. Connects on first use and reconnects indefinitely.
 * @throws InvalidArgumentError; MissingPackageError without that package.
 */
export function redisStore(options: RedisStoreOptions = {}): SessionStore {
  check('options', options)
  const { url, prefix, patience, client } = withDefaults(
    // as an address, it would replace that of `client.socket`
    { url: '', prefix: 'everopen', patience: 10_000, client: {} },
    options,
  )
  return new RedisStore({ url, ...client }, prefix, patience)
}
