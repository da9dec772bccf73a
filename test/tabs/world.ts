/**
 * Some tabs, a lock manager, a channel and a server, as plain data: what the walk explores and the simulation throws
 * dice over. Members run the machine itself. What is assumed of a browser is here, and nowhere else: a word comes to
 * all that are awake before any time passes, in the order of posting; so does what has become of a lock.
 */
import { add, confirm, flow, type Ledger, newLedger, rest } from '../../src/tabs/ledger.js'
import { LEASE } from '../../src/tabs/member.js'
import type { Effect, Input, Leave, State, Step } from '../../src/tabs/state.js'
import { confirmed, leaves, type Wills } from '../../src/tabs/wills.js'
import type { Ack, Word } from '../../src/tabs/words.js'

export interface Machine {
  transition(id: string, state: State, input: Input, now: number): Step
  start(term: number, now: number): State
  leadOf(state: State, at: number, again: boolean): Word
}

export interface Member {
  readonly id: string
  readonly tab: number
  state: State
  ledger: Ledger
  /** Index of its connection. */
  real: number | undefined
  /** As the user sees it. */
  face: 'connecting' | 'open' | 'closed'
  queue: Word[]
  readonly born: number
  notices: ('granted' | 'stolen' | 'deposed')[]
  verifying: boolean
  /** Messages of the server, as delivered. */
  heard: number[]
  wills: Wills
}

export interface Tab {
  alive: boolean
  awake: boolean
  term: number
  /** Members not yet over: the one of the user, and maybe one that keeps the lock. */
  members: Member[]
  made: number
  sent: number
  outbox: string[]
}

interface Real {
  readonly member: string
  state: 'dialing' | 'open' | 'closed'
  said: number
  /** Handed over and not transmitted. */
  held: string[]
  given: number
}

export interface World {
  now: number
  dates: number
  tabs: Tab[]
  reals: Real[]
  holder: string | undefined
  queue: string[]
  received: string[]
  /** What went down with a page or a connection, where nobody could know it. */
  sunk: string[]
  /** What a page left to the others when it went. */
  left: string[]
}

export class Broken extends Error {}

export function newWorld(tabs: number): World {
  return {
    now: 1_000,
    dates: 0,
    tabs: Array.from({ length: tabs }, () => ({
      alive: true,
      awake: true,
      term: 0,
      members: [],
      made: 0,
      sent: 0,
      outbox: [],
    })),
    reals: [],
    holder: undefined,
    queue: [],
    received: [],
    sunk: [],
    left: [],
  }
}

export const members = (world: World): Member[] => world.tabs.flatMap(({ members }) => members)
/** The member that a tab's user has. */
export const own = ({ members }: Tab): Member | undefined => members.find(({ face }) => face !== 'closed')

export class Play {
  constructor(
    readonly machine: Machine,
    readonly world: World,
    /** Whether a platform transmits in the instant. */
    readonly instant: boolean,
  ) {}

  /** The user's client dials, if it has no connection. */
  dial(index: number): void {
    const { world, machine } = this
    const tab = world.tabs[index]!
    const id = `${'abcdef'[index]}${tab.made++}`
    const member: Member = {
      id,
      tab: index,
      state: machine.start(tab.term, world.now),
      ledger: newLedger(),
      real: undefined,
      face: 'connecting',
      queue: [],
      born: world.now,
      notices: [],
      verifying: false,
      heard: [],
      wills: new Map(),
    }
    const keeper = tab.members.find(({ state }) => state.name === 'keeping')
    tab.members.push(member)
    if (keeper) {
      if (world.holder === keeper.id) world.holder = id
      member.notices = keeper.notices
      member.wills = keeper.wills
      this.feed(keeper, { type: 'inherited' })
      return this.feed(member, { type: 'granted', date: this.#date })
    }
    this.#request(member)
    this.#post(member, { kind: 'ask', from: id, term: tab.term, seq: 0 })
  }

  send(index: number): void {
    const tab = this.world.tabs[index]!
    tab.outbox.push(`${'abcdef'[index]}:${String(++tab.sent).padStart(4, '0')}`)
    this.#flush(tab)
  }

  /** Gives the member the next word of its queue; `twice` leaves it there. */
  deliver(member: Member, what: 'once' | 'twice' | 'never' = 'once'): void {
    const word = what === 'twice' ? member.queue[0]! : member.queue.shift()!
    if (what !== 'never') this.feed(member, { type: 'word', word })
  }

  /**
   * Whether the member may be told what has become of a lock. It believes in one that was waited for after a moment, in
   * which everybody hears everything; in a stolen one when the lease of whom it has last heard is over, too.
   */
  hears(member: Member): boolean {
    const { notices, state } = member
    if (notices.length === 0) return false
    if (this.#atOnce(member)) return true
    if (notices[0] === 'stolen' && 'heard' in state && this.world.now - state.heard <= LEASE) return false
    return this.#awake().every((one) => one.queue.length === 0 && !this.#atOnce(one))
  }

  #atOnce(member: Member): boolean {
    const { notices } = member
    return notices.includes('deposed') || (notices.length > 0 && !this.#waited(member))
  }

  notice(member: Member): void {
    const type = member.notices.shift()!
    if (type === 'deposed') return this.feed(member, { type })
    // and in that moment it may be lost again
    if (this.#waited(member) && member.notices.length > 0) return void member.notices.shift()
    this.feed(member, { type: 'granted', date: this.#date })
  }

  #waited({ state, born }: Member): boolean {
    return state.name !== 'waiting' || born !== this.world.now
  }

  /** Whether `time` may pass: all that are awake have been told everything. */
  get settled(): boolean {
    return this.#awake().every((member) => member.queue.length === 0 && !this.hears(member))
  }

  /** Time passes, and who is awake notices. */
  pass(ms: number): void {
    const live = this.world.reals.filter(({ state, member }) => {
      const one = this.#member(member)
      return state !== 'closed' && one && this.world.tabs[one.tab]!.awake
    })
    if (live.length > 1) throw new Broken('two connections at a time')
    this.world.now += ms
    for (const member of this.#awake()) this.feed(member, { type: 'tick' })
  }

  /** The answer of the lock manager. */
  verify(member: Member): void {
    member.verifying = false
    this.feed(member, { type: 'verified' })
  }

  open(real: Real): void {
    real.state = 'open'
    const member = this.#member(real.member)
    if (member) this.feed(member, { type: 'opened', protocol: '', extensions: '' })
  }

  greet(member: Member): void {
    this.feed(member, { type: 'greeted' })
    this.#flush(this.world.tabs[member.tab]!)
  }

  say(real: Real): void {
    const member = this.#member(real.member)
    if (member) this.feed(member, { type: 'received', data: String(++real.said) })
  }

  transmit(real: Real): void {
    this.#receive(real.held.shift()!)
  }

  /** The connection is cut: what it holds is not transmitted, and its member can tell. */
  cut(real: Real): void {
    const member = this.#member(real.member)
    const { held, given } = real
    real.state = 'closed'
    if (!member || member.real === undefined || this.world.reals[member.real] !== real) return
    this.feed(member, { type: 'ended', code: 1006, reason: '', clean: false, at: given - held.length })
    real.held = []
  }

  leave(member: Member, how: Leave): void {
    const tab = this.world.tabs[member.tab]!
    const left = rest(member.ledger)
    const real = member.real === undefined ? undefined : this.world.reals[member.real]
    // the core restores before it lets go of a connection of its own
    const restores = how === 'abandoned' && member.state.name === 'leading'
    if (!restores) {
      const { entries, first } = member.ledger
      this.world.left.push(...entries.slice(first).map(({ data }) => data as string))
      confirm(member.ledger, Infinity, 0)
    }
    const at = restores ? (real?.given ?? 0) - (real?.held.length ?? 0) : (real?.given ?? 0)
    if (restores && real) real.held = []
    this.feed(member, { type: 'leave', how, code: undefined, reason: '', at, left })
    this.#flush(tab)
  }

  crash(index: number): void {
    const { world } = this
    const tab = world.tabs[index]!
    tab.alive = false
    for (const member of tab.members) {
      const real = member.real === undefined ? undefined : world.reals[member.real]
      if (real && real.state !== 'closed') {
        world.sunk.push(...real.held.splice(0))
        real.state = 'closed'
      }
      this.#release(member)
    }
    tab.members = []
  }

  feed(member: Member, input: Input): void {
    const { world, machine } = this
    const [state, effects] = machine.transition(member.id, member.state, input, world.now)
    member.state = state
    const tab = world.tabs[member.tab]!
    tab.term = Math.max(tab.term, state.term)
    for (const effect of effects) this.#run(tab, member, effect)
    if (state.name !== 'gone') return
    tab.members = tab.members.filter((one) => one !== member)
    world.queue = world.queue.filter((id) => id !== member.id)
    if (world.holder === member.id) throw new Broken('who has gone holds the lock')
  }

  #run(tab: Tab, member: Member, effect: Effect): void {
    const { world, machine } = this
    const real = member.real === undefined ? undefined : world.reals[member.real]
    switch (effect[0]) {
      case 'post':
        return this.#post(member, effect[1])
      case 'lead':
        return this.#post(
          member,
          machine.leadOf(member.state, real ? real.given - real.held.length : 0, effect[1]),
        )
      case 'dial':
        member.real =
          world.reals.push({ member: member.id, state: 'dialing', said: 0, held: [], given: 0 }) - 1
        return
      case 'close':
        // what the platform has it still sends
        if (real) {
          for (const message of real.held.splice(0)) this.#receive(message)
          real.state = 'closed'
          if (member.state.name === 'closing')
            this.feed(member, { type: 'ended', code: 1005, reason: '', clean: true, at: real.given })
        }
        return
      case 'release':
        return this.#release(member)
      case 'steal': {
        const victim = this.#member(world.holder)
        if (victim !== member) victim?.notices.push('deposed')
        world.holder = member.id
        member.notices.push('stolen')
        return
      }
      case 'verify':
        this.#post(member, machine.leadOf(member.state, 0, false))
        member.verifying = true
        return
      case 'open':
        member.face = 'open'
        return this.#flush(tab)
      case 'deliver': {
        const n = Number(effect[1])
        const last = member.heard.at(-1)
        if (last !== undefined && n !== last + 1) throw new Broken(`${member.id} hears ${n} after ${last}`)
        member.heard = [n]
        return
      }
      case 'end':
        flow(member.ledger, effect[4] ?? Infinity)
        tab.outbox.unshift(
          ...(member.ledger.entries.slice(member.ledger.first).map(({ data }) => data) as string[]),
        )
        if (member.face === 'closed') throw new Broken(`${member.id} ends twice`)
        member.face = 'closed'
        return
      case 'hand':
        return this.#hand(member, effect[1], effect[2] as string)
      case 'acked':
        return this.#acked(member, effect[1])
      case 'sent':
        return flow(member.ledger, effect[1])
      case 'resend': {
        let seq = member.ledger.handed
        for (const data of rest(member.ledger))
          this.#post(member, { kind: 'send', from: member.id, term: member.state.term, seq: ++seq, data })
        return
      }
      case 'hidden':
        return this.leave(member, 'hidden')
      case 'will':
        return leaves(member.wills, effect[1])
      case 'wills':
        for (const [from, will] of member.wills)
          if (will.left.length > 0)
            this.feed(member, { type: 'word', word: { kind: 'bye', from, term: member.state.term, ...will } })
        return
      case 'watch':
      case 'left':
    }
  }

  #hand(member: Member, ack: Ack, message: string): void {
    const real = this.world.reals[member.real!]!
    let at = 0
    if (real.state === 'closed') throw new Broken('a message is handed to a dead connection')
    if (this.instant) this.#receive(message)
    else {
      real.held.push(message)
      at = ++real.given
    }
    const done = { ...ack, at }
    if (ack.to !== member.id) this.#post(member, done)
    this.#acked(member, done)
  }

  #acked(member: Member, { to, seq, at }: Ack): void {
    if (to !== member.id) return confirmed(member.wills, to, seq)
    confirm(member.ledger, seq, at)
    flow(member.ledger, 0)
  }

  /** What waits goes out, in order. */
  #flush(tab: Tab): void {
    const member = own(tab)
    if (member?.face !== 'open') return
    // the user's own handshake comes first
    if (member.state.name === 'leading' && member.state.phase !== 'open') return
    for (const data of tab.outbox.splice(0)) {
      add(member.ledger, data, 1)
      this.feed(member, { type: 'send', data })
    }
  }

  #post(from: Member, word: Word): void {
    for (const member of members(this.world)) if (member.id !== from.id) member.queue.push(word)
  }

  #receive(message: string): void {
    const { received } = this.world
    if (received.includes(message)) throw new Broken(`${message} comes twice`)
    const before = received.findLast((one) => one[0] === message[0])
    if (before !== undefined && before > message) throw new Broken(`${message} comes after ${before}`)
    received.push(message)
  }

  #request(member: Member): void {
    const { world } = this
    if (world.holder === undefined) {
      world.holder = member.id
      member.notices.push('granted')
    } else world.queue.push(member.id)
  }

  #release(member: Member): void {
    const { world } = this
    world.queue = world.queue.filter((id) => id !== member.id)
    if (world.holder !== member.id) return
    world.holder = world.queue.shift()
    this.#member(world.holder)?.notices.push('granted')
  }

  get #date(): number {
    return ++this.world.dates + this.world.now * 1_000
  }

  #awake(): Member[] {
    return this.world.tabs.flatMap(({ alive, awake, members }) => (alive && awake ? members : []))
  }

  #member(id: string | undefined): Member | undefined {
    return members(this.world).find((member) => member.id === id)
  }
}
