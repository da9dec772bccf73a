/** What the tests with real cuts need beside Linux and root: `ip` and `nft`. */
import { spawnSync } from 'node:child_process'
import { apt, canApt } from './apt.mjs'

const packageOf = { ip: 'iproute2', nft: 'nftables' }

/** Installs what is missing, where that can be done. Where it cannot, those tests are skipped and say why. */
export function ensureCuts() {
  if (process.platform !== 'linux' || !canApt()) return
  const missing = Object.keys(packageOf).filter((name) => spawnSync(name, ['-V']).error)
  if (missing.length === 0) return
  console.log(`Installing ${missing.join(' and ')} with apt-get (once) …`)
  apt(...missing.map((name) => packageOf[name]))
}
