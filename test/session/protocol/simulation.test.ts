/** Laws 1 to 6 of sessions, over random losses, crashes, doubles, takeovers and clocks that expire. */
import { expect, test } from 'vitest'
import { simulate } from '../world/simulate.js'
import { protocol } from '../world/protocol.js'

const LIVES = Number(process.env.SESSION_LIVES ?? 1_000)

test(`the laws hold in ${LIVES} lives`, () => {
  let steps = 0
  for (let seed = 1; seed <= LIVES; seed++) {
    const life = simulate(protocol, seed, 200)
    steps += life.steps
    if (life.broken !== undefined)
      expect.fail(
        `seed ${seed}, step ${life.steps}: ${life.broken}\n${JSON.stringify(life.trace.slice(-40))}`,
      )
  }
  console.log(`${LIVES} lives, ${steps} steps`)
})
