/** What tells the builds of the package from each other, wherever a bundler has put them. */

/** What only ws has. */
export const ofWs = ['Sec-WebSocket-Key', 'permessage-deflate', 'unexpected-response'] as const
/** What only ReconnectingWebSocket has. */
export const ofFace = ['WebSocket needs a URL'] as const
/** What the production build leaves out. */
export const ofWords = 'is not an option; the options are'
/** What the socket has in every build. */
export const ofSocket = 'ERR_INVALID_ARGUMENT'
/** What only the build for React Native and workerd has. */
export const ofPortable = 'HTTP://A:80/b?c'

/** The build of everopen that is in a bundle. */
export function buildIn(code: string): 'none' | 'node' | 'portable' | 'browser' | 'production' {
  if (ofWs.some((marker) => code.includes(marker))) return 'node'
  if (!code.includes(ofSocket)) return 'none'
  if (code.includes(ofPortable)) return 'portable'
  return code.includes(ofWords) ? 'browser' : 'production'
}
