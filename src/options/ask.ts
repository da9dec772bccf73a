/** Calls a user's function for a value that an attempt needs. */
import { ProviderError } from '../diagnostics/errors.js'
import type { Attempt, Provider } from './provider.js'

/** Resolves with the provider's validated value. Rejects with ProviderError, which names `what`, on any failure. */
export async function ask<T, U>(
  what: string,
  provider: Provider<T>,
  attempt: Attempt,
  check: (path: string, given: T) => U,
): Promise<U> {
  try {
    return check(
      what,
      typeof provider === 'function' ? await (provider as (attempt: Attempt) => T)(attempt) : provider,
    )
  } catch (cause) {
    throw new ProviderError(what, cause)
  }
}
