/** The world in motion: which actions there are in a moment, and what each does. The laws are checked on the way. */
import { Broken } from './broken.js'
import { ClientShell, messageOf, newClient } from './client.js'
import type { Action, Protocol, Setting, WorldData } from './data.js'
import { ServerShell } from './server.js'

export class World {
  readonly data: WorldData
  readonly #protocol: Protocol
  readonly #setting: Setting
  readonly #client: ClientShell
  readonly #servers: readonly ServerShell[]

  constructor(protocol: Protocol, setting: Setting, data?: WorldData) {
    this.#protocol = protocol
    this.#setting = setting
    this.data = data ?? {
      client: newClient(protocol),
      connections: [],
      nodes: setting.windows.map(() => ({ owned: {} })),
      sessions: {},
      logs: [[]],
      largest: 0,
    }
    this.#client = new ClientShell(this.data, protocol, setting.durable)
    this.#servers = setting.windows.map((_, node) => new ServerShell(this.data, protocol, setting, node))
  }

  /** The same world, to go another way. */
  copy(): World {
    return new World(this.#protocol, this.#setting, structuredClone(this.data))
  }

  /** What can happen where nothing goes wrong any more. */
  healthy(): Action[] {
    const { client, connections, nodes, sessions } = this.data
    const actions: Action[] = []
    if (client.connection === undefined) nodes.forEach((_, node) => actions.push({ do: 'connect', node }))
    else if (connections[client.connection]!.down.length > 0) actions.push({ do: 'receive' })
    // the end that the server made has arrived
    else if (connections[client.connection]!.server === 'ended') actions.push({ do: 'lose' })
    if (client.writes.length > 0) actions.push({ do: 'store' })
    if (client.timer) actions.push({ do: 'flush' })
    connections.forEach(({ up, client, server }, connection) => {
      if (up.length > 0) actions.push({ do: 'server-receive', connection })
      else if (client === 'ended' && server === 'open') actions.push({ do: 'server-lose', connection })
    })
    nodes.forEach(({ owned }, node) => {
      for (const [id, { pending, state, timer }] of Object.entries(owned)) {
        if (pending.length > 0) actions.push({ do: 'commit', node, id })
        if (state.outgoing.kept < sessions[id]!.down.length) actions.push({ do: 'notify', node, id })
        if (timer) actions.push({ do: 'server-flush', node, id })
      }
    })
    return actions
  }

  /** What the applications can do. */
  uses(): Action[] {
    const ids = Object.entries(this.data.sessions).flatMap(([id, { exists }]) => (exists ? [id] : []))
    return [{ do: 'send' }, ...ids.map((id): Action => ({ do: 'append', id }))]
  }

  /** What can go wrong, and what ends a session. */
  faults(): Action[] {
    const { client, connections, nodes, sessions } = this.data
    const actions: Action[] = [{ do: 'crash' }]
    if (client.connection !== undefined) actions.push({ do: 'lose' })
    connections.forEach(({ server }, connection) => {
      if (server === 'open') actions.push({ do: 'server-lose', connection })
    })
    nodes.forEach((_, node) => actions.push({ do: 'node-crash', node }))
    return [...actions, ...this.#endings(nodes, sessions)]
  }

  #endings(nodes: WorldData['nodes'], sessions: WorldData['sessions']): Action[] {
    const actions: Action[] = [{ do: 'leave' }]
    nodes.forEach(({ owned }, node) => {
      for (const id of Object.keys(owned)) {
        // it may come when a connection has just been there
        actions.push({ do: 'expire', node, id })
        // a node that another has taken the session from ends nothing
        if (owned[id]!.epoch === sessions[id]!.epoch) actions.push({ do: 'end', node, id })
      }
    })
    for (const [id, { exists, epoch }] of Object.entries(sessions))
      if (exists && !nodes.some(({ owned }) => owned[id]?.epoch === epoch)) actions.push({ do: 'vanish', id })
    return actions
  }

  apply(action: Action): void {
    const { client, connections, sessions } = this.data
    switch (action.do) {
      case 'connect':
        client.connection =
          connections.push({ node: action.node, up: [], down: [], client: 'open', server: 'open' }) - 1
        return this.#client.feed({ type: 'connected' })
      case 'send':
        return this.#client.send()
      case 'receive':
        return this.#client.receive(connections[client.connection!]!.down.shift()!)
      case 'lose':
        return this.#client.disconnect()
      case 'store':
        return this.#client.store()
      case 'flush':
        client.timer = false
        return this.#client.feed({ type: 'flush' })
      case 'crash':
        return this.#client.crash()
      case 'leave':
        this.#client.feed({ type: 'leave' })
        return this.#client.disconnect()
      case 'server-receive': {
        const { node, up } = connections[action.connection]!
        return this.#servers[node]!.receive(action.connection, up.shift()!)
      }
      case 'server-lose':
        return this.#servers[connections[action.connection]!.node]!.lose(action.connection)
      case 'commit':
        return this.#servers[action.node]!.commit(action.id)
      case 'notify':
        return this.#servers[action.node]!.notify(action.id)
      case 'server-flush':
        return this.#servers[action.node]!.flush(action.id)
      case 'expire':
        return this.#servers[action.node]!.expire(action.id)
      case 'end':
        return this.#servers[action.node]!.finish(action.id)
      case 'node-crash':
        return this.#servers[action.node]!.crash()
      case 'vanish':
        sessions[action.id]!.exists = false
        return
      case 'append': {
        const stored = sessions[action.id]!
        const message = messageOf(stored.down.length + 1, action.id)
        this.data.largest = Math.max(this.data.largest, message.size)
        stored.down.push(message)
      }
    }
  }

  /** Law 2: left alone, everything arrives, on both sides, and nobody holds anything any more. */
  settle(): void {
    const { client } = this.data
    for (let step = 0; ; step++) {
      const action = this.healthy()[0]
      if (!action) break
      if (step > 5_000) throw new Broken('law 2: it does not come to rest')
      this.apply(action)
    }
    const { session, outgoing, incoming, phase } = client.state
    if (phase !== 'live') throw new Broken(`law 2: at rest while ${phase}`)
    const { down, taken, acked } = this.data.sessions[session!.id]!
    const sent = this.data.logs[client.log]!.length
    if (taken !== sent || outgoing.acked !== sent || client.held.length > 0)
      throw new Broken(`law 2: of ${sent} messages the server has ${taken}, acknowledged ${outgoing.acked}`)
    if (incoming.taken !== down.length || acked !== down.length)
      throw new Broken(
        `law 2: of ${down.length} messages the client has ${incoming.taken}, acknowledged ${acked}`,
      )
  }
}
