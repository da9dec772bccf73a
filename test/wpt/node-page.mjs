/** One page of the suite in Node: its scripts, one after another, in a global scope that knows where it is. */
import { runInThisContext } from 'node:vm'

const [which, url, patience] = process.argv.slice(2)
const at = new URL(url)

if (which === 'everopen') {
  const { CloseEvent, ReconnectingWebSocket } = await import('../../dist/node/index.js')
  // a page names its origin; for some tests the server needs one
  define('WebSocket', ReconnectingWebSocket.with({ retry: false, node: { origin: at.origin } }))
  if (!globalThis.CloseEvent) define('CloseEvent', CloseEvent)
}

const fetched = globalThis.fetch
define('self', globalThis)
define('window', globalThis)
define('location', at)
define('fetch', (input, init) => fetched(new URL(input, at), init))
define('GLOBAL', { isWindow: () => true, isWorker: () => false, isShadowRealm: () => false })
// what the IDL tests know a window by
define('Window', Object)
// what a test leaves behind is for its own harness
process.on('uncaughtException', () => {})

const scripts = at.pathname.endsWith('.any.html') ? await ofScript() : await ofDocument()
if (scripts === undefined) tell({})
else {
  await run('/resources/testharness.js')
  const timer = setTimeout(() => globalThis.timeout(), Number(patience))
  globalThis.add_completion_callback((tests, harness) => {
    clearTimeout(timer)
    const told = (status, message) => (status === 0 ? null : String(message || `status ${status}`))
    const named = tests.map(({ name, status, message }) => [name, told(status, message)])
    if (harness.status === 1) named.push(['the page itself', told(harness.status, harness.message)])
    tell(Object.fromEntries(named))
  })
  for (const [from, code] of scripts) {
    try {
      if (code === undefined) await run(from)
      else runInThisContext(code, { filename: at.href })
    } catch (error) {
      tell({ 'the page itself': String(error) })
    }
  }
}

function define(name, value) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true })
}

/** A script of the server, run. */
async function run(from) {
  const source = await text(from)
  runInThisContext(source, { filename: String(new URL(from, at)) })
}

async function text(from) {
  const answer = await fetched(new URL(from, at))
  if (!answer.ok) throw new Error(`${from}: ${answer.status}`)
  return answer.text()
}

/** Of an `.any.js`: what it names, and itself. */
async function ofScript() {
  const name = at.pathname.replace(/\.html$/, '.js')
  const code = await text(name)
  const named = [...code.matchAll(/^\/\/ META: script=(.*)$/gm)].map(([, from]) => [from.trim()])
  return [...named, [name]]
}

/** Of a document, unless it needs one. */
async function ofDocument() {
  const html = await text(at.href)
  if (/\bdocument\b|<iframe|window\.open|\bopener\b|onload\b|worker/i.test(html)) return undefined
  return [...html.matchAll(/<script(?:[^>]*\bsrc="?([^\s">]+)"?)?[^>]*>([^]*?)<\/script>/g)]
    .filter(([, from = '']) => !from.includes('/resources/testharness'))
    .map(([, from, code]) => (from === undefined ? [undefined, code] : [from]))
}

function tell(report) {
  process.stdout.write(`everopen ${JSON.stringify(report)}\n`, () => process.exit())
}
