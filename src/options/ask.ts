/** Asking a user's function for what an attempt needs. */
import { ProviderError } from '../diagnostics/errors.js'
import type { Attempt, Provider } from './provider.js'

/** What the provider gives, checked. Whatever goes wrong rejects with ProviderError, which names `what`. */
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
