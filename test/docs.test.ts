/** The documents name tests that exist. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')
const migration = read('docs/from-websocket-client.md')

/** The cells of each row of its tables, heads and rules left out. */
const rows = migration
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\| (there|-)/.test(line))
  .map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  )

const reference = /^`(test\/[\w./-]+\.test\.ts) › (.+)`$/

describe('from-websocket-client.md', () => {
  test('has a table', () => expect(rows.length).toBeGreaterThan(80))

  test.each(rows)('%s', (there, here, shown, ...more) => {
    expect(more).toEqual([])
    expect([there, here].every(Boolean)).toBe(true)
    if (shown === '–') return
    const [, file = '', title = ''] = reference.exec(shown!) ?? []
    expect(existsSync(path.join(root, file))).toBe(true)
    const source = read(file)
    const quoted = ["'", '"', '`'].map((quote) => quote + title + quote)
    expect(quoted.filter((name) => source.includes(name))).toHaveLength(1)
  })

  test('what has no test has no equal here, or is another’s', () => {
    const unshown = rows.filter(([, , shown]) => shown === '–').map(([, here = '']) => here)
    const reasons = /^– .{15}|^the command |^`NODE_EXTRA_CA_CERTS` of Node/
    expect(unshown.filter((here) => !reasons.test(here))).toEqual([])
  })

  test.each([
    'on_open on_message on_error on_close on_ping on_pong on_cont_message on_data on_reconnect',
    'keep_running url header cookie subprotocols socket get_mask_key',
    'send send_text send_bytes close run_forever sockopt sslopt ping_interval ping_timeout ping_payload',
    'http_proxy_host http_proxy_port http_no_proxy http_proxy_auth http_proxy_timeout proxy_type',
    'skip_utf8_validation host origin dispatcher suppress_origin suppress_host reconnect',
    'create_connection recv recv_data ping pong send_frame shutdown abort settimeout getstatus getheaders',
    'getsubprotocol enable_multithread redirect_limit enableTrace setdefaulttimeout setReconnect close_frame sock',
    'ca_certs ca_cert_path certfile keyfile password cert_chain cert_reqs check_hostname server_hostname ssl_version',
    'ciphers ecdh_curve context do_handshake_on_connect suppress_ragged_eofs status_code resp_headers resp_body',
    'nocert raw subprotocols eof-wait text timings headers proxy verbose STATUS_NORMAL ABNF closing opcode dump',
  ])('speaks of %s', (names) => {
    const left = rows.map(([there = '']) => there).join(' ')
    for (const name of names.split(' ')) expect(left).toMatch(new RegExp(`\\b${name}\\b`))
  })
})

test('README links to it', () => {
  expect(read('README.md')).toContain('(docs/from-websocket-client.md)')
})
