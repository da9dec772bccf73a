/** An event of a socket in a few words. */
import type { Events } from '../../src/index.js'

type Type = keyof Events
/** An event with what it told. */
export type Seen = { readonly [K in Type]: { readonly type: K; readonly detail: Events[K] } }[Type]

/** Complete enough that a list of them is the whole sequence. */
export function word({ type, detail }: Seen): string {
  switch (type) {
    case 'state':
      return `${detail.from} → ${detail.to}`
    case 'open':
      return `open ${detail.attempt}${detail.reconnected ? ' again' : ''}`
    case 'close': {
      const how = [detail.by, detail.wasClean ? 'clean' : 'unclean', detail.willRetry ? 'retries' : 'final']
      return `close ${detail.code}${detail.reason && ` ${detail.reason}`} (${how.join(', ')})`
    }
    case 'error':
      return `error ${detail.code}`
    case 'message':
      return `message ${typeof detail === 'string' ? detail : detail.constructor.name}`
    case 'drop':
      return `drop ${detail.reason}`
    case 'undecodable':
      return `undecodable ${detail.error.code}`
    case 'heartbeat':
      return 'heartbeat'
  }
}
