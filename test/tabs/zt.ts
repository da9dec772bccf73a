import * as machine from '../../src/tabs/member.js'
import { simulate } from './simulate.js'
import { Play } from './world.js'
const seed = Number(process.argv[2]),
  w = process.argv[3] as 'pages',
  key = process.argv[4]!
const lines: string[] = []
const feed = Play.prototype.feed
let depth = 0
Play.prototype.feed = function (m, i) {
  const before = m.state
  lines.push(
    ' '.repeat(depth) + `${this.world.now} ${m.id} ${before.name}/${before.term} <- ${JSON.stringify(i)}`,
  )
  depth++
  feed.call(this, m, i)
  depth--
  lines.push(
    ' '.repeat(depth) +
      `   => ${m.state.name}/${m.state.term} ledger ${m.ledger.sent}/${m.ledger.handed}/${m.ledger.entries.length}`,
  )
}
try {
  simulate(machine, seed, w, 300)
} catch (e) {
  console.log((e as Error).message)
}
const idx = lines.findIndex((l) => l.includes(key))
if (process.argv[5]) {
  console.log(
    lines
      .slice(0, 4000)
      .filter((l) => new RegExp(process.argv[5]!).test(l))
      .slice(0, 80)
      .join('\n'),
  )
  process.exit()
}
const rel = lines.map((l, i) => [l, i] as const).filter(([l]) => l.includes(key))
for (const [l, i] of rel) console.log(i, l)
console.log('---')
console.log(
  lines
    .slice(Math.max(0, idx - 5), idx + 60)
    .join('\n')
    .slice(0, 9000),
)
