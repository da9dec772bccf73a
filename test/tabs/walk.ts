/** Walks every state that a few tabs can reach together within a budget of what may happen to them. */
import type { Word } from '../../src/tabs/words.js'
import { Broken, type Machine, type Member, members, newWorld, own, Play, type World } from './world.js'

/** How often each thing may happen. */
export interface Budget {
  readonly tabs: number
  readonly sends: number
  readonly says: number
  readonly freezes: number
  readonly crashes: number
  readonly cuts: number
  readonly dials: number
  readonly closed: number
  readonly hidden: number
  readonly abandoned: number
  readonly twice: number
  readonly never: number
}

export interface Walk {
  readonly states: number
  readonly edges: number
  readonly violation: string | undefined
}

type Left = { [K in keyof Budget]: number }
interface Node {
  readonly world: World
  readonly left: Left
  readonly path: string
}

export const nothing: Budget = {
  tabs: 2,
  sends: 0,
  says: 0,
  freezes: 0,
  crashes: 0,
  cuts: 0,
  dials: 3,
  closed: 0,
  hidden: 0,
  abandoned: 0,
  twice: 0,
  never: 0,
}

/** The state without what does not matter to what follows: absolute times, and terms but for their order. */
function keyOf({ world, left }: Node): string {
  const { now, tabs } = world
  const all = new Set<number>()
  for (const tab of tabs) {
    all.add(tab.term)
    for (const { state, queue } of tab.members) {
      all.add(state.term)
      for (const { term } of queue) all.add(term)
    }
  }
  const order = [...all].sort((a, b) => a - b)
  const ranked = (one: Word): unknown => Object.values({ ...one, term: order.indexOf(one.term) })
  const stateOf = ({ state }: Member): unknown =>
    Object.values({
      ...state,
      term: order.indexOf(state.term),
      ...('heard' in state && { heard: Math.min(6_000, now - state.heard) }),
      ...('spoke' in state && { spoke: Math.min(4_000, now - state.spoke) }),
      ...('until' in state && { until: Math.max(0, state.until - now) }),
    })
  return JSON.stringify([
    tabs.map((tab) => [
      tab.alive,
      tab.awake,
      order.indexOf(tab.term),
      tab.sent,
      tab.outbox,
      tab.members.map((member) => [
        member.id,
        stateOf(member),
        member.ledger,
        member.real,
        member.face,
        member.queue.map(ranked),
        member.notices,
        member.verifying,
        member.born === now,
        member.heard,
        [...member.wills],
      ]),
    ]),
    world.reals.map(({ state }) => state),
    world.holder,
    world.queue,
    world.received,
    left,
  ])
}

/** States of members and words are never changed, so they are shared. */
function copyOf(world: World): World {
  return {
    ...world,
    tabs: world.tabs.map((tab) => ({
      ...tab,
      outbox: [...tab.outbox],
      members: tab.members.map((member) => ({
        ...member,
        ledger: { ...member.ledger, entries: member.ledger.entries.map((entry) => ({ ...entry })) },
        queue: [...member.queue],
        notices: [...member.notices],
        wills: new Map(member.wills),
      })),
    })),
    reals: world.reals.map((real) => ({ ...real, held: [...real.held] })),
    queue: [...world.queue],
    received: [...world.received],
    sunk: [...world.sunk],
    left: [...world.left],
  }
}

export function walk(machine: Machine, budget: Budget, most = Infinity): Walk {
  const start: Node = { world: newWorld(budget.tabs), left: { ...budget }, path: '' }
  const seen = new Set([keyOf(start)])
  let layer = [start]
  let edges = 0
  while (layer.length > 0) {
    const next: Node[] = []
    for (const node of layer)
      for (const [name, act, cost] of choices(node, machine)) {
        edges++
        const world = copyOf(node.world)
        const left = { ...node.left }
        if (cost) left[cost]--
        const path = `${node.path} ${name}`
        try {
          act(new Play(machine, world, true))
        } catch (error) {
          if (!(error instanceof Broken)) throw error
          return { states: seen.size, edges, violation: `${error.message} after${path}` }
        }
        const after = { world, left, path }
        const key = keyOf(after)
        if (seen.has(key)) continue
        seen.add(key)
        next.push(after)
        if (seen.size > most) throw new Error(`more than ${most} states`)
      }
    layer = next
  }
  return { states: seen.size, edges, violation: undefined }
}

type Choice = readonly [name: string, act: (play: Play) => void, cost?: keyof Budget]

/** Everything that can happen next. Members and connections are found anew by each act, in its own copy of the world. */
function choices({ world, left }: Node, machine: Machine): Choice[] {
  const found: Choice[] = []
  const play = new Play(machine, world, true)
  const { settled } = play
  // what different members hear in the same instant is heard in one order: neither can tell
  let busy = false
  world.tabs.forEach((tab, index) => {
    if (!tab.alive) return
    if (left.freezes > 0 && tab.awake)
      found.push([`freeze ${index}`, ({ world }) => (world.tabs[index]!.awake = false), 'freezes'])
    if (left.crashes > 0) found.push([`crash ${index}`, (play) => play.crash(index), 'crashes'])
    if (!tab.awake) return found.push([`thaw ${index}`, ({ world }) => (world.tabs[index]!.awake = true)])
    if (left.sends > 0) found.push([`send ${index}`, (play) => play.send(index), 'sends'])
    if (!own(tab) && left.dials > 0) found.push([`dial ${index}`, (play) => play.dial(index), 'dials'])
    for (const { id, queue, notices, state, verifying, real, face } of tab.members) {
      const mine = ({ world }: Play) => members(world).find((member) => member.id === id)!
      const turn = !busy
      busy ||= queue.length > 0 || notices.length > 0
      if (queue.length > 0 && turn) {
        found.push([`${id} hears ${queue[0]!.kind}`, (play) => play.deliver(mine(play))])
        if (left.twice > 0)
          found.push([
            `${id} hears ${queue[0]!.kind} twice`,
            (play) => play.deliver(mine(play), 'twice'),
            'twice',
          ])
        if (left.never > 0)
          found.push([`${id} misses ${queue[0]!.kind}`, (play) => play.deliver(mine(play), 'never'), 'never'])
      }
      if (turn && play.hears(mine(play)))
        found.push([`${id} is ${notices[0]}`, (play) => play.notice(mine(play))])
      if (verifying && settled && world.holder === id)
        found.push([`${id} is sure`, (play) => play.verify(mine(play))])
      for (const how of ['closed', 'hidden', 'abandoned'] as const)
        if (left[how] > 0 && face !== 'closed')
          found.push([`${id} leaves, ${how}`, (play) => play.leave(mine(play), how), how])
      const connection = real === undefined ? undefined : world.reals[real]
      if (real === undefined || !connection || connection.state === 'closed' || state.name !== 'leading')
        continue
      if (connection.state === 'dialing')
        found.push([
          `${id} opens`,
          (play) => {
            play.open(play.world.reals[real]!)
            play.greet(mine(play))
          },
        ])
      if (left.cuts > 0) found.push([`${id} is cut`, (play) => play.cut(play.world.reals[real]!), 'cuts'])
      if (left.says > 0 && connection.state === 'open')
        found.push([`server to ${id}`, (play) => play.say(play.world.reals[real]!), 'says'])
    }
  })
  if (settled) found.push(['1.5 s', (play) => play.pass(1_500)])
  return found
}
