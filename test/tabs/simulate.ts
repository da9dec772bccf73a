/** A few tabs, and what can befall them, by dice: every law while it lasts, and in the end nothing may be missing. */
import { seeded } from '../simulation/clock.js'
import { Broken, type Machine, type Member, members, newWorld, own, Play } from './world.js'

/**
 * `pages`: they crash, freeze and leave, and connections end. `channel`: words come twice or never; a confirmation that
 * is lost together with its connection nobody could know of.
 */
export type Weather = 'pages' | 'channel'

export interface Result {
  readonly steps: number
  readonly received: number
  readonly sunk: number
  readonly leaders: number
}

export function simulate(machine: Machine, seed: number, weather: Weather, steps: number): Result {
  const random = seeded(seed)
  const world = newWorld(2 + Math.floor(random() * 4))
  const play = new Play(machine, world, false)
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)]
  const chance = (share: number): boolean => random() < share
  const awake = (): Member[] =>
    members(world).filter(({ tab }) => world.tabs[tab]!.alive && world.tabs[tab]!.awake)
  const liveTabs = (): number[] =>
    world.tabs.flatMap(({ alive, awake }, index) => (alive && awake ? [index] : []))
  const leaders = new Set<string>()
  /** Whether no word has been lost since time passed: who loses all of them knows as little as one that is alone. */
  let whole = true
  /** Those that have been asleep since time passed. */
  const rested = new Set<number>()
  /** The tabs whose messages must all arrive. */
  const lasting = new Set(world.tabs.keys())

  /** All that need not be waited for, in any order. Returns whether there was any. */
  const stir = (): boolean => {
    const talks = awake().filter(({ queue }) => queue.length > 0)
    const news = awake().filter((member) => play.hears(member))
    const sure = awake().filter(({ verifying, id }) => verifying && play.settled && world.holder === id)
    const real = pick(world.reals.filter(({ state, held }) => state === 'open' && held.length > 0))
    const acts: (() => void)[] = []
    const talk = pick(talks)
    if (talk)
      acts.push(() => {
        const what = weather === 'channel' && chance(0.03) ? (chance(0.5) ? 'twice' : 'never') : 'once'
        if (what === 'never' && whole) return ((whole = false), play.deliver(talk, what))
        play.deliver(talk, what === 'never' ? 'once' : what)
      })
    const told = pick(news)
    if (told) acts.push(() => play.notice(told))
    const certain = pick(sure)
    if (certain) acts.push(() => play.verify(certain))
    if (real) acts.push(() => play.transmit(real))
    pick(acts)?.()
    return acts.length > 0
  }
  const leading = (phase?: string): Member | undefined =>
    pick(awake().filter(({ state }) => state.name === 'leading' && (!phase || state.phase === phase)))
  const befall = (): void => {
    const index = pick(liveTabs())
    if (index === undefined) return
    const tab = world.tabs[index]!
    const member = own(tab)
    // who wakes up hears what it has missed before its page can go
    if (member && rested.has(index) && member.queue.length > 0) return
    const dice = random()
    if (dice < 0.5) play.send(index)
    else if (dice < 0.7) {
      const real = world.reals[leading('open')?.real ?? -1]
      if (real) play.say(real)
    } else if (weather === 'channel') return
    else if (dice < 0.73) {
      const real = world.reals[leading()?.real ?? -1]
      if (real) play.cut(real)
    } else if (dice < 0.75 && member) play.leave(member, 'closed')
    else if (dice < 0.79 && member) play.leave(member, 'hidden')
    else if (dice < 0.81 && member) play.leave(member, 'abandoned')
    else if (dice < 0.86) {
      tab.awake = false
      rested.add(index)
    } else if (dice < 0.88 && lasting.size > 1) {
      play.crash(index)
      lasting.delete(index)
    }
  }
  const dialAll = (): void => {
    // nobody dials again in the very instant in which a connection has ended
    if (play.settled)
      for (const index of liveTabs()) if (!own(world.tabs[index]!) && chance(0.5)) play.dial(index)
    const dialing = leading('dialing')
    // a connection takes longer than a word
    if (dialing && play.settled) play.open(world.reals[dialing.real!]!)
    const greeting = leading('greeting')
    if (greeting) play.greet(greeting)
  }
  const wake = (all: boolean): void => {
    for (const tab of world.tabs) if (tab.alive && !tab.awake && (all || chance(0.15))) tab.awake = true
  }
  const watch = (): void => {
    for (const { id, state } of members(world)) if (state.name === 'leading') leaders.add(id)
  }

  for (let step = 0; step < steps; step++) {
    if (chance(0.6)) stir()
    else if (chance(0.5)) befall()
    else dialAll()
    if (chance(0.1)) {
      while (stir());
      if (play.settled) {
        whole = true
        play.pass(1_000 + Math.floor(random() * 500))
        for (const index of liveTabs()) rested.delete(index)
      }
      wake(false)
    }
    watch()
  }
  // what has come twice or never is over: everything heals
  weather = 'pages'
  wake(true)
  for (let round = 0; round < 40; round++) {
    while (stir());
    dialAll()
    while (stir());
    if (play.settled) play.pass(1_000 + Math.floor(random() * 500))
    watch()
  }
  // what the server says now, all hear
  const real = world.reals[leading('open')?.real ?? -1]
  if (!real) throw new Broken('nobody leads in the end')
  play.say(real)
  while (stir());
  for (const index of lasting) {
    const tab = world.tabs[index]!
    const letter = 'abcdef'[index]!
    if (own(tab)?.face !== 'open') throw new Broken(`tab ${letter} has no connection in the end`)
    if (own(tab)!.heard.at(-1) !== real.said) throw new Broken(`tab ${letter} did not hear the last message`)
    const known = new Set([...world.received, ...world.sunk, ...world.left])
    for (let n = 1; n <= tab.sent; n++) {
      const message = `${letter}:${String(n).padStart(4, '0')}`
      if (!known.has(message))
        throw new Broken(`${message} has neither arrived, nor sunk, nor been left to others`)
    }
  }
  return { steps, received: world.received.length, sunk: world.sunk.length, leaders: leaders.size }
}
