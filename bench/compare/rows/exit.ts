/** How long a process goes on after `close()`, by what the socket was doing. */
import { open, type Row, sleep } from './row.js'

const exits = { unit: 'ms', better: 'less', digits: 0, ratio: false, group: 'exit' } as const
const ignored = { open() {}, message() {}, close() {} }

export const exit: readonly Row[] = [
  {
    ...exits,
    name: 'exit after close() while dialing',
    needs: [],
    async measure(peer, { url }) {
      const client = peer.create(`${url}never`, ignored)
      await sleep(300)
      client.close()
      return undefined
    },
  },
  {
    ...exits,
    name: 'exit after close() while open',
    needs: [],
    async measure(peer, { url }) {
      ;(await open(peer, url)).close()
      return undefined
    },
  },
  {
    ...exits,
    name: 'exit after close() while open, the peer being silent',
    needs: [],
    async measure(peer, { url, kill }) {
      const client = await open(peer, url)
      await kill('silence')
      client.close()
      return undefined
    },
  },
  {
    ...exits,
    name: 'exit after close() while waiting to dial again',
    needs: ['reconnect'],
    async measure(peer) {
      const client = peer.create('ws://127.0.0.1:9/', ignored)
      await sleep(300)
      client.close()
      return undefined
    },
  },
]
