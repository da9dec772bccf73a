/** The client of the world: what a shell does around the machine, its store included. */
import type { ClientEffect, ClientInput } from '../../../src/session/protocol/client.js'
import { Broken } from './broken.js'
import type { Client, ClientDisk, Message, Protocol, Write, WorldData } from './data.js'

export function newClient(protocol: Protocol): Client {
  return {
    state: protocol.clientState(),
    held: [],
    ackedAt: 0,
    given: 0,
    writes: [],
    disk: { session: undefined, received: 0, acked: 0, held: [], log: 0 },
    connection: undefined,
    timer: false,
    log: 0,
    count: 0,
  }
}

/** Messages of every kind: short, long, and some that look like control. */
export function messageOf(number: number, who: string): Message {
  const marks = '\u0001'.repeat(number % 3)
  const text = `${marks}${number % 2 ? 'a' : ''}${who}${number}${'.'.repeat((number * 7) % 5)}`
  return { text, size: text.length }
}

export class ClientShell {
  readonly #world: WorldData
  readonly #client: Client
  readonly #protocol: Protocol
  readonly #durable: boolean

  constructor(world: WorldData, protocol: Protocol, durable: boolean) {
    this.#world = world
    this.#client = world.client
    this.#protocol = protocol
    this.#durable = durable
  }

  readonly #at = (number: number): number => {
    const { held, ackedAt, state } = this.#client
    let at = ackedAt
    for (const { size } of held.slice(0, number - state.outgoing.acked)) at += size
    return at
  }

  send(): void {
    const client = this.#client
    const { outgoing, generation } = client.state
    const message = messageOf(++client.count, 'c')
    const number = outgoing.acked + client.held.push(message)
    this.#world.largest = Math.max(this.#world.largest, message.size)
    const log = this.#world.logs[client.log]!
    log.length = number - 1
    log.push(message.text)
    this.#write({ type: 'append', generation, number, message })
  }

  /** Takes what has arrived. */
  receive(frame: string | number): void {
    const { isControl, decode, unescape } = this.#protocol
    if (typeof frame === 'number') {
      if (frame === 1002) throw new Broken('law 2: an honest client is told 1002')
      if (frame === 4101 || frame === 4102)
        this.feed({ type: 'ended', reason: frame === 4101 ? 'ended' : 'limits' })
      return this.disconnect()
    }
    if (isControl(frame)) return this.feed(decode(frame))
    const text = unescape(frame)
    this.feed({ type: 'payload', size: text.length }, text)
  }

  disconnect(): void {
    const client = this.#client
    if (client.connection !== undefined) {
      const connection = this.#world.connections[client.connection]!
      connection.client = 'ended'
      connection.down = []
    }
    client.connection = undefined
    client.timer = false
    this.feed({ type: 'disconnected' })
  }

  /** Dies, with all that is not on disk, and starts again. */
  crash(): void {
    const client = this.#client
    const { disk } = client
    this.disconnect()
    client.writes = []
    if (!this.#durable) clear(disk, this.#world.logs.push([]) - 1)
    client.state = this.#protocol.clientState(
      disk.session,
      disk.received,
      disk.acked,
      0,
      disk.acked + disk.held.length,
    )
    client.ackedAt = 0
    client.held = [...disk.held]
    client.given = disk.received
    client.log = disk.log
    // what it sent and never had on disk was accepted by nobody
    this.#world.logs[client.log]!.length = disk.acked + disk.held.length
  }

  /** The store does its next write. */
  store(): void {
    this.#done(this.#client.writes.shift()!)
  }

  feed(input: ClientInput, text?: string): void {
    const client = this.#client
    const before = client.state
    const { state, effects } = this.#protocol.clientTransition(before, input, this.#at)
    const { acked } = state.outgoing
    const ackedAt = state.generation === before.generation ? this.#at(acked) : 0
    const forgotten = state.generation === before.generation ? acked - before.outgoing.acked : 0
    client.state = state
    client.held = client.held.slice(forgotten)
    client.ackedAt = ackedAt
    const overdrawn = state.outgoing.sentAt - ackedAt - this.#world.largest
    if (state.phase === 'live' && overdrawn >= state.window)
      throw new Broken('law 5: more is on its way than the window lets through')
    for (const effect of effects) this.#perform(effect, before.outgoing.acked, text)
  }

  #perform(effect: ClientEffect, ackedBefore: number, text?: string): void {
    const client = this.#client
    const { state } = client
    const { generation } = state
    const { encode, escape } = this.#protocol
    switch (effect.type) {
      case 'hello':
      case 'acknowledge':
      case 'bye':
        return this.#transmit(encode(effect))
      case 'transmit':
        for (let number = effect.from; number <= effect.to; number++)
          this.#transmit(escape(client.held[number - state.outgoing.acked - 1]!.text))
        return
      case 'acknowledge-later':
        client.timer = true
        return
      case 'deliver':
        return this.#deliver(text!)
      case 'forget': {
        const stored = this.#world.sessions[state.session!.id]!
        if (effect.number > stored.taken)
          throw new Broken('law 3: the client forgets what the server has not taken over')
        return this.#write({ type: 'forget', generation, number: effect.number })
      }
      case 'name':
        return this.#write({ type: 'name', generation, session: effect.session })
      case 'lost':
        if (effect.from !== ackedBefore + 1) throw new Broken('law 3: not all that is held is reported')
        client.held = []
        client.ackedAt = 0
        client.given = 0
        client.log = this.#world.logs.push([]) - 1
        return this.#write({ type: 'clear', generation, log: client.log })
      case 'violation':
        throw new Broken(`law 2: an honest server breaks a rule: ${effect.problem}`)
      case 'resumed':
      case 'live':
        return
    }
  }

  #deliver(text: string): void {
    const client = this.#client
    const { session, incoming, generation } = client.state
    if (incoming.given !== ++client.given) throw new Broken('law 1: a gap or a double for the client')
    if (this.#world.sessions[session!.id]!.down[client.given - 1]?.text !== text)
      throw new Broken('law 1: the client is given what was not sent')
    this.#write({ type: 'received', generation, number: incoming.given, at: incoming.givenAt })
  }

  #transmit(frame: string): void {
    const { connection } = this.#client
    if (connection === undefined) return
    const to = this.#world.connections[connection]!
    if (to.server === 'open') to.up.push(frame)
  }

  #write(write: Write): void {
    if (this.#durable) this.#client.writes.push(write)
    else this.#done(write)
  }

  #done(write: Write): void {
    const { disk } = this.#client
    const { generation } = write
    apply(disk, write)
    if (write.type === 'append') this.feed({ type: 'kept', generation, number: write.number })
    if (write.type === 'received')
      this.feed({ type: 'taken', generation, number: write.number, at: write.at })
    if (write.type === 'name') {
      // from here on a client that starts again knows what it sent into it
      this.#world.sessions[write.session.id]!.log = disk.log
      this.feed({ type: 'named', generation })
    }
  }
}

function apply(disk: ClientDisk, write: Write): void {
  switch (write.type) {
    case 'append':
      disk.held.push(write.message)
      return
    case 'received':
      disk.received = write.number
      return
    case 'forget':
      disk.held.splice(0, write.number - disk.acked)
      disk.acked = write.number
      return
    case 'name':
      disk.session = write.session
      return
    case 'clear':
      clear(disk, write.log)
  }
}

function clear(disk: ClientDisk, log: number): void {
  Object.assign(disk, { session: undefined, received: 0, acked: 0, held: [], log })
}
