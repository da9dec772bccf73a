/**
 * What the build for React Native and workerd has in the place of globals of these names: the engine's own where it is
 * there and does what the standard says, else ours. rollup.config.ts puts it there.
 */
import { OwnDOMException } from './dom-exception.js'
import { OwnEvent } from './event.js'
import { callsHandlers, OwnEventTarget } from './event-target.js'
import { OwnURL, readsUrls } from './url.js'

const engine = globalThis as Partial<typeof globalThis>
const ownEvent = OwnEvent as unknown as typeof Event
const ownTarget = OwnEventTarget as unknown as typeof EventTarget

/** Both of the engine's, or both ours: an event of the one is not for the other. */
const both = engine.Event !== undefined && engine.EventTarget !== undefined

const EventClass = both ? engine.Event! : ownEvent
const EventTargetClass =
  both && !callsHandlers(engine.EventTarget!, engine.Event!) ? engine.EventTarget! : ownTarget
const DOMExceptionClass = engine.DOMException ?? (OwnDOMException as unknown as typeof DOMException)
const URLClass = readsUrls(engine.URL) ? engine.URL! : (OwnURL as unknown as typeof URL)

export {
  DOMExceptionClass as DOMException,
  EventClass as Event,
  EventTargetClass as EventTarget,
  URLClass as URL,
}
