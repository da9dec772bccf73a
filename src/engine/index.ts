/**
 * Replacements for globals in the build for React Native and workerd: the engine's own if it exists and follows the
 * standard, otherwise ours. rollup.config.ts substitutes them.
 */
import { OwnDOMException } from './dom-exception.js'
import { OwnEvent } from './event.js'
import { callsHandlers, OwnEventTarget } from './event-target.js'
import { OwnURL, readsUrls } from './url.js'

const engine = globalThis as Partial<typeof globalThis>
const ownEvent = OwnEvent as unknown as typeof Event
const ownTarget = OwnEventTarget as unknown as typeof EventTarget

/** Both from the engine, or both ours: events of one cannot be dispatched on the other. */
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
