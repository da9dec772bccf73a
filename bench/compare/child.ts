/** One row of one peer: told to the parent. Ends the process, whatever the peer still holds; unless that is the question. */
import { peers } from './peers.js'
import { heavy, rows } from './rows/index.js'

const [rowName, peerName, url, share] = process.argv.slice(2)
const row = [...rows, ...heavy].find(({ name }) => name === rowName)!
const peer = peers.find(({ name }) => name === peerName)!
const killed: (() => void)[] = []
process.on('message', () => killed.shift()?.())

const value = await row.measure(peer, {
  url: url!,
  share: Number(share),
  kill: (how) =>
    new Promise((resolve) => {
      killed.push(resolve)
      process.send!({ kill: how })
    }),
})
if (value === undefined) process.send!({ ending: Date.now() }, () => process.disconnect())
else process.send!({ value }, () => process.exit())
