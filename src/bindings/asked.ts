/** The URL functions of components that share a socket: the latest is called, and none of a component that is gone. */
import type { Endpoint } from '../options/options.js'
import type { Attempt } from '../options/provider.js'
import type { Url } from './options.js'

interface Offer {
  readonly url: Url
}

/** By place; the latest is last. */
const offers = /* @__PURE__ */ new Map<unknown, Set<Offer>>()

/** Offers a component's function to the socket in that place. Returns a function that takes it back. */
export function offer(place: unknown, url: Url): () => void {
  const here = offers.get(place) ?? new Set<Offer>()
  const mine = { url }
  offers.set(place, here.add(mine))
  return () => {
    if (here.delete(mine) && here.size === 0) offers.delete(place)
  }
}

/** A function that calls the latest one offered in that place, or `own()` without one. */
export function asking(place: unknown, own: () => Url): (attempt: Attempt) => Endpoint {
  return (attempt) => {
    let url = own()
    for (const each of offers.get(place) ?? []) url = each.url
    return (url as (attempt: Attempt) => Endpoint)(attempt)
  }
}
