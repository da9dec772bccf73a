import * as machine from '../../src/tabs/member.js'
import { walk, nothing } from './walk.js'
for (const [n, c] of Object.entries(JSON.parse(process.argv[2]!))) {
  const t = Date.now()
  try {
    console.log(n, walk(machine, { ...nothing, ...(c as object) }, 60_000), Date.now() - t)
  } catch (e) {
    console.log(n, String(e), Date.now() - t)
  }
}
