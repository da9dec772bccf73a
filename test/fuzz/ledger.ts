/** The accounts of one run: where each message that `send()` accepted has come to. */
import type { Seen } from './payload.js'
import { Wrong } from './wrong.js'

export interface Books {
  /** Accepted by `send()`, by number, with the kind that is to arrive. */
  readonly accepted: ReadonlyMap<number, Seen['kind']>
  /** Empty ones that it accepted: they have no number. */
  readonly empty: number
  /** Told by `drop`. */
  readonly dropped: readonly number[]
  /** In the outbox at the end. */
  readonly waiting: readonly number[]
  /** What each connection's system was given, by the recording. */
  readonly given: readonly (readonly Seen[])[]
  /** What each connection of the server received. */
  readonly received: readonly (readonly Seen[])[]
  /** A message that was received by a connection without faults: there, all that was given before it was. */
  readonly last: number
}

/** Throws Wrong unless every message that was accepted is in exactly one place, and has come once at most, in order. */
export function balance({ accepted, empty, dropped, waiting, given, received, last }: Books): void {
  for (const { id, kind } of [...given, ...received].flat())
    if (isNumbered(id) && accepted.get(id) !== kind) throw new Wrong(`${id} came as ${kind}`)

  const gone = given.flat().map(({ id }) => id)
  const come = received.flat().map(({ id }) => id)
  once('received', come)
  once('given to the system', gone)
  for (const ids of [gone, ...received.map((seen) => seen.map(({ id }) => id))]) inOrder(ids)

  const places = [...gone, ...dropped, ...waiting]
  once('in one place', places)
  const known = new Set(places)
  for (const id of accepted.keys()) if (!known.has(id)) throw new Wrong(`vanished: ${id}`)
  for (const id of come.filter(isNumbered)) if (!known.has(id)) throw new Wrong(`from nowhere: ${id}`)
  const emptied = places.filter((id) => !isNumbered(id)).length
  if (emptied !== empty) throw new Wrong(`of ${empty} empty messages, ${emptied} are somewhere`)

  const whole = (all: Books['given']): string => {
    const one = all.find((seen) => seen.some(({ id }) => id === last)) ?? []
    return JSON.stringify(one.slice(0, one.findIndex(({ id }) => id === last) + 1))
  }
  if (whole(given) !== whole(received)) throw new Wrong('a healthy connection has lost something')
}

const isNumbered = (id: number): boolean => !Number.isNaN(id)

function inOrder(ids: readonly number[]): void {
  const numbered = ids.filter(isNumbered)
  for (const [i, id] of numbered.entries())
    if (i > 0 && id < numbered[i - 1]!) throw new Wrong(`out of order: ${numbered[i - 1]}, then ${id}`)
}

function once(where: string, ids: readonly number[]): void {
  const seen = new Set<number>()
  for (const id of ids.filter(isNumbered)) {
    if (seen.has(id)) throw new Wrong(`twice ${where}: ${id}`)
    seen.add(id)
  }
}
