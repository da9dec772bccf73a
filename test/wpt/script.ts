/** What makes everopen's class the WebSocket of a page or worker. */
import { readFileSync } from 'node:fs'

const build = readFileSync(new URL('../../dist/everopen.min.js', import.meta.url), 'utf8')

/** Runs in each global scope once, however often it is put in. */
export const script = `
if (typeof everopen === 'undefined') {
  ${build.replace(/^var everopen=/, 'self.everopen=').replace(/\/\/# sourceMappingURL.*/, '')}
  Object.defineProperty(self, 'WebSocket', {
    value: self.everopen.ReconnectingWebSocket.with({ retry: false }),
    writable: true,
    configurable: true,
  })
}
`
