import { describe, expect, test } from 'vitest'
import { Arrivals } from '../../src/server/arrivals.js'
import {
  type ServerInput,
  type ServerState,
  serverState,
  serverTransition,
} from '../../src/session/protocol/server.js'

const WINDOW = 40
const at = (): number => 0

/** Feeds a machine, and notes what it is told to do. */
class Fed {
  state: ServerState = serverState(WINDOW)
  given: string[] = []
  said: string[] = []

  feed(input: ServerInput): void {
    const { state, effects } = serverTransition(this.state, input, at)
    this.state = state
    for (const effect of effects)
      if (effect.type === 'deliver') this.given.push(`${state.incoming.given} at ${state.incoming.givenAt}`)
      else this.said.push(JSON.stringify(effect))
  }
}

/** The same, with what comes counted together where it may be. */
class Counting extends Fed {
  readonly #arrivals = new Arrivals()
  together = 0

  override feed(input: ServerInput): void {
    if (input.type === 'payload' && this.#arrivals.add(input.size)) {
      this.together++
      this.given.push(`${this.#arrivals.number} at ${this.#arrivals.at}`)
      return
    }
    const before = this.#arrivals.take()
    if (before) this.state = serverTransition(this.state, before, at).state
    super.feed(input)
    this.#arrivals.follow(this.state)
  }
}

/** Numbers from 0 to 1 that are the same each time. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

describe('messages that are counted together', () => {
  test('come to the same as one by one: numbers, positions, acknowledgements, and an end beyond the window', () => {
    let together = 0
    const ends = new Set<string>()
    for (let seed = 1; seed <= 500; seed++) {
      const next = random(seed)
      const [single, counting] = [new Fed(), new Counting()]
      const feed = (input: ServerInput): void => {
        single.feed(input)
        counting.feed(input)
      }
      feed({ type: 'attach', resumed: false, received: 0 })
      for (let step = 0; step < 40; step++) {
        const dice = next()
        const { given, givenAt, taken } = single.state.incoming
        // as late as the turn, which is when all is taken over
        if (dice < 0.7) feed({ type: 'payload', size: Math.floor(next() * 15) })
        else if (dice < 0.85 && given > taken) feed({ type: 'taken', number: given, at: givenAt })
        else if (dice < 0.9) feed({ type: 'flush' })
        else if (dice < 0.95) feed({ type: 'detached' })
        else feed({ type: 'attach', resumed: true, received: 0 })
      }
      feed({ type: 'flush' })
      const { given, said, state } = single
      expect(counting, `seed ${seed}`).toMatchObject({ given, said, state })
      ends.add(single.state.phase)
      together += counting.together
    }
    expect(together).toBeGreaterThan(1_000)
    expect([...ends].sort()).toEqual(['attached', 'detached'])
  })

  test('are none where nothing has come', () => {
    const arrivals = new Arrivals()
    expect(arrivals.add(1)).toBe(false)
    expect(arrivals.take()).toBeUndefined()
  })
})
