/** Where an attempt goes: what its providers give, checked. */
import { ProviderError } from '../diagnostics/errors.js'
import type { End, Target } from '../machine/state.js'
import { ask } from '../options/ask.js'
import type { Attempt } from '../options/provider.js'
import { checkEndpoint, checkProtocols, type Settings } from '../options/settings.js'
import type { Platform } from '../platform/platform.js'
import type { Endpoints } from '../retry/endpoints.js'

interface Source {
  readonly settings: Settings
  readonly platform: Platform
  readonly endpoints: Endpoints
}

/** What providers are told. Most never ask for the signal. */
export function attemptOf(number: number, lastEnd: End | undefined, signal: () => AbortSignal): Attempt {
  return {
    number,
    get signal() {
      return signal()
    },
    lastEnd,
  }
}

/**
 * At once where there is nobody to ask: then it is dialed in the task of the constructor, as the platform's own class
 * does. Rejects with ProviderError or MissingPackageError.
 */
export function provideTarget(
  { settings, platform, endpoints }: Source,
  attempt: Attempt,
): Target | Promise<Target> {
  const { url, protocols, node } = settings
  const pick = (path: string, given: unknown): string =>
    endpoints.pick(checkEndpoint(path, given, platform.schemes))
  const provide = platform.provide?.(settings.WebSocket)
  if (!provide && typeof url !== 'function' && typeof protocols !== 'function') {
    try {
      return { url: pick('url', url), protocols: checkProtocols('protocols', protocols) }
    } catch (error) {
      return Promise.reject(new ProviderError('url', error))
    }
  }
  const picked = ask('url', url, attempt, pick)
  return Promise.all([
    picked,
    ask('protocols', protocols, attempt, checkProtocols),
    provide?.(node, attempt, picked),
  ]).then(([url, protocols, more]) => ({ url, protocols, ...more }))
}
