import * as machine from '../../src/tabs/member.js'
import { simulate } from './simulate.js'
let bad = 0,
  n = 0,
  rec = 0,
  sunk = 0,
  lead = 0
const t = Date.now()
const msgs: Record<string, number> = {}
for (let seed = Number(process.argv[2]); Date.now() - t < 20_000 && bad < 8; seed++)
  for (const w of ['pages', 'channel'] as const) {
    n++
    try {
      const r = simulate(machine, seed, w, 300)
      rec += r.received
      sunk += r.sunk
      lead += r.leaders
    } catch (e) {
      bad++
      console.log(seed, w, String((e as Error).message).slice(0, 150))
      if (!(e as Error).constructor.name.includes('Broken')) console.log((e as Error).stack)
    }
  }
console.log({ n, bad, rec, sunk, lead })
