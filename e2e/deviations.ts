/** Where the engines depart from the standard, in the scenarios of test/conformance. */
import type { EngineName } from '../scripts/browsers.mjs'

export interface Deviation {
  /** The name of the scenario. */
  readonly scenario: string
  /** What the engine does instead. */
  readonly does: string
  /** It never ends: it is not waited for. */
  readonly hangs?: true
  /** It depends on timing, so that the scenario may also be in order. */
  readonly sometimes?: true
}

interface Deviations {
  /** Of the engine's own class. */
  readonly native: readonly Deviation[]
  /** Of ReconnectingWebSocket, which sits on that class and sees only what it tells. */
  readonly face: readonly Deviation[]
}

const protocolNone: Deviation = {
  scenario: 'a server that answers with another protocol, or an unasked one, or none, is refused',
  does: 'opens the connection when the server chooses none of the protocols, and so does the face: it stays open',
  hangs: true,
}

// what came in one packet with the handshake dies with the connection, and a page is told of neither
const broken: readonly Deviation[] = [
  {
    scenario: 'the server sends a frame that must not be',
    does: 'is not told of the open and the message that came in one packet with the illegal frame',
    sometimes: true,
  },
  {
    scenario: 'what the events are',
    does: 'sees only error and close, for the same reason',
    sometimes: true,
  },
]

const lastWords: Deviation = {
  scenario: 'messages sent right before close() arrive',
  does: 'calls the close unclean if the server closes its side first, and may leave the last message unsent',
  sometimes: true,
}

const chromium: Deviations = { native: [], face: [] }

const firefox: Deviations = {
  native: [
    {
      scenario: 'URLs are resolved against the document',
      does: 'takes the address of the document, not its base address',
    },
    {
      scenario: 'protocols that are accepted',
      does: 'refuses an object whose Symbol.iterator is null, which the standard takes for a string',
    },
    protocolNone,
    ...broken,
  ],
  face: [protocolNone, ...broken],
}

const webkit: Deviations = {
  native: [
    protocolNone,
    {
      scenario: 'the server refuses, or cannot be reached',
      does: 'tells of a blocked port by error alone, without close; the face gives up by itself',
      hangs: true,
    },
    {
      scenario: 'send() after close() only adds to bufferedAmount, for ever',
      does: 'counts the headers of the frames too',
    },
    {
      scenario: 'send() after close() while connecting',
      does: 'counts the headers of the frames too',
    },
    lastWords,
  ],
  face: [protocolNone, lastWords],
}

export const deviations: Readonly<Record<EngineName, Deviations>> = { chromium, firefox, webkit }
