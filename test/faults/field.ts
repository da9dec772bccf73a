/**
 * What goes wrong with reconnecting sockets in the field, as public issue trackers and measurements tell it. Each has
 * at least one test whose title begins with its name; field.test.ts sees to that.
 */

/** What a test of that name must show. */
type Lines = Readonly<Record<string, string>>

/** websocket-client (Python) 1.7.0 to 1.9.2, measured against a server that ends each connection. */
export const ancestor: Lines = {
  A: 'connect() after each of 6 server closes: 6 opens and 6 closes on one instance',
  B: 'connect() in the close listener, 10,000 times: constant stack and listener counts',
  C: 'every Close of the server is one close, then a retry',
  D: 'every FIN of the server is one close (1006), then a retry',
  E: 'connect() after each FIN or RST, as A',
  H: 'close() during the backoff: no timer, no dial',
  I: 'close() during a slow handshake: no open, nothing uncaught',
  J: 'a peer that sends Close and leaves TCP open: over within closeTimeout',
  K: 'TCP accepted and no answer: an error at connectTimeout',
  L: 'a peer that answers nothing any more: found within interval and timeout',
  M: 'the verdict of the heartbeat is a transition like any other',
  N: 'close() while open: within closeTimeout, with a silent peer too',
  O: 'a listener that throws disturbs nobody',
  P: 'a server that is down at first: the first success is no reconnect',
}

/** Its tracker. */
export const tracker: Lines = {
  '#970': 'an error for every failed attempt, whatever its number',
  '#1038': 'a clean close is no error, and every error is an Error',
  '#686': 'code and reason of the peer are kept',
  '#1044': 'no Close frame is 1006, an empty one 1005',
  '#867': 'heartbeat state belongs to one connection',
  '#891': 'heartbeat state belongs to one connection',
  '#395': 'heartbeat state belongs to one connection',
  '#1018': 'the first ping comes after one interval',
  '#917': 'all exits share one cleanup',
  '#1051': 'at most one retry timer exists',
  '#964': 'no signal handlers',
  '#932': 'providers run on every attempt',
  'bad heartbeat options': 'are rejected at once, by name',
}

/** Peers and realtime clients. */
export const peers: Lines = {
  1: 'phoenixframework/phoenix#4045: 1,000 clients dropped together do not come back together',
  2: 'yjs/y-websocket#74: against accept-then-close the gaps grow',
  3: 'BasedHardware/omi#11694: after an authorization close, one refresh and at most 2 dials',
  4: 'wireapp/wire-webapp#21653: an attempt takes at most connectTimeout',
  5: 'wireapp/wire-webapp#21477: after a sleep, a probe and another connection',
  6: 'JKHeadley/instar#1077: a stalled event loop never redials a peer that answers',
  7: 'processone/fluux-messenger#313: ten signals in 1 s are at most one extra attempt',
  8: 'pladaria/reconnecting-websocket#7: to abandon a connection does not wait for its close event',
  9: 'cloudflare/partykit#210: at most one live connection, and the retired one is gone',
  10: 'socketio/socket.io#4040: timers clamped to 60 s with traffic flowing give no verdict',
  11: 'mqttjs/MQTT.js#1861: sending never extends the verdict, receiving never spares a ping',
  12: 'supabase/supabase-js#2625: an old heartbeat cannot kill a new connection',
  13: 'electron/electron#11290: onLine === false never blocks dialing for good',
  14: 'centrifugal/centrifuge-js#228: the retry does not depend on the close event of the platform',
  15: 'buildbot/buildbot#4078: the default heartbeat is frequent enough for proxies, and jittered',
  16: 'pladaria/reconnecting-websocket#110: the outbox is bounded, and the outcome of send visible',
  17: 'pladaria/reconnecting-websocket#183: a timeout while dialing raises nothing uncaught',
  18: 'elpheria/rpc-websockets#87: CLOSED only when it will not dial again; connect() after close()',
  19: 'lukeed/sockette#46: after close() no dial, no timer, and the process exits',
  20: 'enisdenjo/graphql-ws#102: 1,000 reconnects leave every listener count unchanged',
  21: 'Azure web-pubsub-client: close() wins in every state',
  22: 'captive portals: HTTP 200 or 302 to the handshake is retried, never fatal, never open',
}
