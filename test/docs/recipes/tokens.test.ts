/** What docs/recipes/tokens.md promises. */
import { expect, test } from 'vitest'
import type { RawConnection } from '../../faults/raw-server.js'
import { AT_ONCE, listen, play, WAITS } from '../sample.js'

type Refuse = (connection: RawConnection) => void

const close =
  (code: number): Refuse =>
  (connection) =>
    void connection.accept().then(() => connection.close(code))
const answer =
  (status: number): Refuse =>
  (connection) =>
    void connection.refuse(status).then(() => connection.fin())

const answers: [string, string, Refuse][] = [401, 403].map((status) => [
  `HTTP ${status}`,
  'ERR_HANDSHAKE',
  answer(status),
])
const codes: [string, string, Refuse][] = [1008, 3000, 3003].map((code) => [
  `close code ${code}`,
  'ERR_CLOSE_CODE',
  close(code),
])

/** Counts what the server is asked for. */
const fetching = {
  change: { '(signal) => `fresh-${signal.aborted}`': '() => `fresh-${++fetched}`' },
  before: `let fetched = 0\n${AT_ONCE}${WAITS}`,
}

/** Plays a sample: its tokens are refused, but once the server is busy instead. */
async function refused(sample: number, refuse: Refuse): Promise<{ heads: string[]; lines: string[] }> {
  const server = await listen((connection, n) => {
    if (n === 1) void connection.refuse(503, ['Retry-After: 0']).then(() => connection.fin())
    else refuse(connection)
  })
  const { ended, lines } = play('docs/recipes/tokens.md', sample, server, fetching)
  expect(await ended).toEqual({ status: 0, errors: '' })
  const heads = await Promise.all(server.connections.map(({ request }) => request))
  return { heads, lines }
}

test.each([...answers, ...codes])(
  'in the URL: after %s a new one, once and at once; then the end is %s',
  async (_, code, refuse) => {
    const { heads, lines } = await refused(1, refuse)
    const tokens = heads.map((head) => /^GET \/feed\?token=(\S+)/.exec(head)?.[1])
    expect(tokens).toEqual(['expired', 'fresh-1', 'fresh-1', 'fresh-2'])
    expect(lines).toEqual([code, 'waited 0 ms'])
  },
)

test.each([...answers, ...codes])('in a header: after %s the same', async (_, __, refuse) => {
  const { heads, lines } = await refused(2, refuse)
  const tokens = heads.map((head) => /^authorization: Bearer (\S+)/im.exec(head)?.[1])
  expect(tokens).toEqual(['expired', 'fresh-1', 'fresh-1', 'fresh-2'])
  for (const head of heads) expect(head).toMatch(/^cookie: theme=dark$/im)
  expect(lines).toEqual(['waited 0 ms'])
})
