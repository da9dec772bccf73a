/** A socket over simulated links, each of which does what a script says: hours pass in a moment, and always alike. */
import type { Options } from '../../src/index.js'
import type { SimClock } from '../sim/clock.js'
import { type SimLink, SimPlatform } from '../sim/platform.js'
import { simulate as start } from '../sim/socket.js'

/** `script` says what becomes of each dial, n from 0, by what the link's listener is told. */
export function simulate(
  options: Options,
  script: (link: SimLink, clock: SimClock, n: number) => void,
  random: () => number = () => 0.5,
) {
  const platform = new SimPlatform()
  const { clock, links } = platform
  /** When each was, in ms. */
  const dials: number[] = []
  platform.random = random
  platform.dialed = (link) => {
    link.ready = true
    script(link, clock, dials.push(clock.now()) - 1)
  }
  return { socket: start(options, undefined, platform).socket, clock, links, dials }
}
