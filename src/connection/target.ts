/** Where an attempt connects to: the results of its providers, checked. */
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

/**
 * Synchronous if no provider is: the socket is then dialed within its constructor, as a native WebSocket is. Rejects
 * with ProviderError or MissingPackageError.
 */
export function provideTarget(
  { settings, platform, endpoints }: Source,
  number: number,
  lastEnd: End | undefined,
  connection: Pick<Attempt, 'signal'> & { readonly over: boolean },
): Target | Promise<Target> {
  const attempt: Attempt = {
    number,
    // created on access, because few providers use it
    get signal() {
      return connection.signal
    },
    lastEnd,
  }
  const { url, protocols, node } = settings
  const pick = (path: string, given: unknown): string => {
    const urls = checkEndpoint(path, given, platform.schemes)
    // a late answer concerns no other attempt
    return connection.over ? urls[0] : endpoints.pick(urls)
  }
  const provide = platform.provide?.(settings.WebSocket)
  if (!provide && typeof url !== 'function' && typeof protocols !== 'function') {
    try {
      return { url: pick('url', url), protocols: checkProtocols('protocols', protocols) }
    } catch {
      // fails again below, by its name
    }
  }
  const picked = ask('url', url, attempt, pick)
  return Promise.all([
    picked,
    ask('protocols', protocols, attempt, checkProtocols),
    provide?.(node, attempt, picked),
  ]).then(([url, protocols, more]) => ({ url, protocols, ...more }))
}
