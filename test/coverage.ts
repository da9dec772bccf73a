/** How vitest measures what is covered. It is loaded beside each test, in jsdom too, where the provider cannot be. */
import * as v8 from '@vitest/coverage-v8'

export default {
  ...v8.default,
  getProvider: async () => new (await import('./coverage-provider.js')).Provider(),
}
