/** The servers of the world: what a shell does around the machine, and the store that all of them share. */
import type { Hello } from '../../../src/session/protocol/wire.js'
import type { ServerEffect, ServerInput } from '../../../src/session/protocol/server.js'
import { Broken } from './broken.js'
import type { Node, Owned, Protocol, Setting, Stored, WorldData } from './data.js'

/** Who connects. */
const IDENTITY = 'user'
const equal = (a: string, b: string): boolean => a === b

export class ServerShell {
  readonly #world: WorldData
  readonly #protocol: Protocol
  readonly #setting: Setting
  readonly #number: number

  constructor(world: WorldData, protocol: Protocol, setting: Setting, number: number) {
    this.#world = world
    this.#protocol = protocol
    this.#setting = setting
    this.#number = number
  }

  get #node(): Node {
    return this.#world.nodes[this.#number]!
  }

  /** The next frame of a connection. */
  receive(connection: number, frame: string): void {
    const { isControl, decode, unescape } = this.#protocol
    const found = Object.entries(this.#node.owned).find(([, owned]) => owned.connection === connection)
    if (isControl(frame)) {
      const control = decode(frame)
      if (found) return this.#feed(...found, control)
      if (control.type !== 'hello') throw new Broken(`law 2: an honest client begins with ${control.type}`)
      return this.#hello(connection, control)
    }
    if (!found) throw new Broken('law 2: an honest client begins with a message')
    const text = unescape(frame)
    this.#feed(...found, { type: 'payload', size: text.length }, text)
  }

  /** A connection has ended. */
  lose(connection: number): void {
    const found = Object.entries(this.#node.owned).find(([, owned]) => owned.connection === connection)
    this.#end(connection)
    if (found) this.#feed(...found, { type: 'detached' })
  }

  /** The oldest handler resolves, and the store is told. */
  commit(id: string): void {
    const owned = this.#node.owned[id]!
    const stored = this.#world.sessions[id]!
    const { number, at } = owned.pending.shift()!
    if (!this.#mayWrite(stored, owned)) return this.#feed(id, owned, { type: 'fenced' })
    if (number !== stored.taken + 1) throw new Broken('law 1: a gap or a double in the store')
    stored.taken = number
    this.#feed(id, owned, { type: 'taken', number, at })
  }

  /** The node is told of what was appended, by itself or by another. */
  notify(id: string): void {
    const owned = this.#node.owned[id]!
    const stored = this.#world.sessions[id]!
    if (!this.#mayWrite(stored, owned)) return this.#feed(id, owned, { type: 'fenced' })
    this.#feed(id, owned, { type: 'kept', number: stored.down.length })
  }

  flush(id: string): void {
    const owned = this.#node.owned[id]!
    owned.timer = false
    this.#feed(id, owned, { type: 'flush' })
  }

  expire(id: string): void {
    this.#feed(id, this.#node.owned[id]!, { type: 'expire' })
  }

  finish(id: string): void {
    this.#feed(id, this.#node.owned[id]!, { type: 'end', reason: 'ended' })
  }

  /** Dies, with all that is not in the store, and starts again. */
  crash(): void {
    this.#node.owned = {}
    this.#world.connections.forEach(({ node }, connection) => {
      if (node === this.#number) this.#end(connection)
    })
  }

  #end(connection: number): void {
    const of = this.#world.connections[connection]!
    of.server = 'ended'
    of.up = []
  }

  #mayWrite(stored: Stored, owned: Owned): boolean {
    return !this.#setting.fencing || (stored.exists && stored.epoch === owned.epoch)
  }

  #hello(connection: number, hello: Hello): void {
    const id = hello.session?.id
    const stored = id === undefined ? undefined : this.#world.sessions[id]!
    const live = stored?.exists ? stored : undefined
    const mine = id === undefined ? undefined : this.#node.owned[id]
    // still this node's: what its handlers have in hand is not given again
    const current = live && mine && mine.epoch === live.epoch ? mine : undefined
    const record = live && {
      token: live.token,
      identity: live.identity,
      taken: live.taken,
      acked: live.acked,
      kept: live.down.length,
    }
    this.#forge(hello, record)
    const verdict = this.#protocol.judge(hello, record, IDENTITY, equal)
    if (verdict === 'reject') throw new Broken('law 2: an honest client is rejected')
    if (mine && (!current || verdict === 'renew')) this.#feed(id!, mine, { type: 'fenced' })
    if (verdict === 'renew') {
      if (live) live.exists = false
      return this.#begin(connection)
    }
    live!.epoch++
    const owned = current ?? this.#own(live!)
    owned.epoch = live!.epoch
    this.#node.owned[id!] = owned
    // what another node has appended since is known from the claim
    this.#feed(id!, owned, { type: 'kept', number: live!.down.length })
    this.#attach(id!, owned, connection, true, hello.received)
  }

  /** Law 6: a hello that is not its client's own gets nowhere. */
  #forge(hello: Hello, record: Parameters<Protocol['judge']>[1]): void {
    if (!record || !hello.session) return
    const wrong = { ...hello, session: { ...hello.session, token: 'guessed' } }
    if (this.#protocol.judge(wrong, record, IDENTITY, equal) !== 'reject')
      throw new Broken('law 6: resumed without its token')
    if (this.#protocol.judge(hello, record, 'another', equal) !== 'reject')
      throw new Broken('law 6: resumed by another identity')
  }

  #begin(connection: number): void {
    const id = `s${Object.keys(this.#world.sessions).length + 1}`
    const stored: Stored = {
      token: `t${id}`,
      identity: IDENTITY,
      exists: true,
      epoch: 1,
      taken: 0,
      acked: 0,
      down: [],
      log: undefined,
    }
    this.#world.sessions[id] = stored
    const owned = this.#own(stored)
    this.#node.owned[id] = owned
    this.#attach(id, owned, connection, false, 0)
  }

  #own({ epoch, taken, acked, down }: Stored): Owned {
    const window = this.#setting.windows[this.#number]!
    const at = down.slice(0, acked).reduce((sum, { size }) => sum + size, 0)
    return {
      state: this.#protocol.serverState(window, taken, acked, at, down.length),
      epoch,
      connection: undefined,
      timer: false,
      given: taken,
      pending: [],
    }
  }

  #attach(id: string, owned: Owned, connection: number, resumed: boolean, received: number): void {
    const before = owned.connection
    owned.connection = connection
    owned.timer = false
    this.#feed(id, owned, { type: 'attach', resumed, received }, undefined, before)
  }

  #feed(id: string, owned: Owned, input: ServerInput, text?: string, before?: number): void {
    const stored = this.#world.sessions[id]!
    const at = (number: number): number =>
      stored.down.slice(0, number).reduce((sum, { size }) => sum + size, 0)
    const { state, effects } = this.#protocol.serverTransition(owned.state, input, at)
    owned.state = state
    const { outgoing, window } = state
    if (state.phase === 'attached' && outgoing.sentAt - outgoing.ackedAt - this.#world.largest >= window)
      throw new Broken('law 5: more is on its way than the window lets through')
    let refused = false
    for (const effect of effects) refused = this.#perform(id, owned, effect, text, before) || refused
    // a machine that has lost its session does nothing more
    if (state.phase === 'gone' && this.#node.owned[id] === owned) delete this.#node.owned[id]
    if (state.phase !== 'attached') owned.connection = undefined
    if (refused) this.#feed(id, owned, { type: 'fenced' })
  }

  /** Whether the store refused it. */
  #perform(id: string, owned: Owned, effect: ServerEffect, text?: string, before?: number): boolean | void {
    const stored = this.#world.sessions[id]!
    const { encode, escape } = this.#protocol
    switch (effect.type) {
      case 'supersede':
        return this.#close(before, 4100)
      case 'reject':
        throw new Broken(`law 2: an honest client is rejected: ${effect.problem}`)
      case 'welcome': {
        const { received, resumed } = effect
        const session = { id, token: stored.token }
        const { window } = owned.state
        if (received > stored.taken && this.#setting.fencing)
          throw new Broken('law 3: a welcome to more than the store has')
        return this.#transmit(owned, encode({ type: 'welcome', session, received, resumed, ttl: 1, window }))
      }
      case 'deliver':
        return this.#deliver(owned, stored, text!)
      case 'transmit':
        for (let number = effect.from; number <= effect.to; number++)
          this.#transmit(owned, escape(stored.down[number - 1]!.text))
        return
      case 'acknowledge':
        return this.#transmit(owned, encode(effect))
      case 'acknowledge-later':
        owned.timer = true
        return
      case 'forget':
        if (!this.#mayWrite(stored, owned)) return true
        this.#checkTrim(id, effect.number)
        stored.acked = effect.number
        return
      case 'close':
        if (effect.code === 1002) throw new Broken(`law 2: an honest client breaks a rule: ${effect.problem}`)
        return this.#close(owned.connection, effect.code)
      case 'delete':
        if (this.#mayWrite(stored, owned)) stored.exists = false
        return
      case 'release':
      case 'expire-later':
        return
    }
  }

  #deliver(owned: Owned, stored: Stored, text: string): void {
    const { given, givenAt } = owned.state.incoming
    if (given !== ++owned.given) throw new Broken('law 1: a gap or a double for the server')
    if (stored.log === undefined || this.#world.logs[stored.log]![given - 1] !== text)
      throw new Broken('law 1: the server is given what was not sent')
    owned.pending.push({ number: given, at: givenAt, size: text.length })
    const held = owned.pending.reduce((sum, { size }) => sum + size, 0)
    if (held - text.length >= owned.state.window)
      throw new Broken('law 5: the server holds more than the window')
  }

  /** What the server forgets, the client must have for good. */
  #checkTrim(id: string, number: number): void {
    const { client } = this.#world
    const { disk } = client
    if (disk.session?.id === id && disk.received < number)
      throw new Broken('law 3: the server forgets what the client has not taken over')
  }

  #transmit({ connection }: Owned, frame: string): void {
    const to = this.#world.connections[connection!]!
    if (to.client === 'open' && to.server === 'open') to.down.push(frame)
  }

  #close(connection: number | undefined, code: number): void {
    if (connection === undefined) return
    const to = this.#world.connections[connection]!
    if (to.client === 'open' && to.server === 'open') to.down.push(code)
    this.#end(connection)
  }
}
