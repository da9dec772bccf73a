/** Several tabs of the demo: from the second on, all share one connection, and say which of them leads. */
import { type TabSocketConstructor, tabs } from 'everopen/tabs'
import { byId } from './dom.js'
import { labId, served } from './lab.js'

/** What the tabs of one page tell each other. */
type Word = { readonly leader: string } | 'who leads?'

const parameters = new URLSearchParams(location.search)
/** The number of this tab, from 1; none while there is no other. */
const own = parameters.get('tab')

/** The page again, as the tab of that number. */
function addressOf(tab: number): string {
  return `?${String(new URLSearchParams({ ...Object.fromEntries(parameters), lab: labId, tab: String(tab) }))}`
}

/** A number that no other tab has. */
function nextNumber(): number {
  const key = `tabs of ${labId}`
  const next = Number(localStorage.getItem(key) ?? '1') + 1
  localStorage.setItem(key, String(next))
  return next
}

/**
 * Wires the button, and gives the class for the socket where the connection is shared. `note` is told who leads.
 */
export function joinTabs(note: (text: string) => void): TabSocketConstructor | undefined {
  const button = byId('another-tab')
  button.hidden = !served
  button.addEventListener('click', () => {
    open(addressOf(nextNumber()))
    // this one has a connection of its own so far
    if (own === null) location.assign(addressOf(1))
  })
  if (own === null) return undefined
  const channel = new BroadcastChannel(`demo ${labId}`)
  let leads = false
  const show = (leader: string): void => {
    byId('leader').hidden = false
    byId('leader').textContent =
      leader === own ? `Tab ${own}, this one, leads.` : `Tab ${leader} leads; this is tab ${own}.`
    note(`tab ${leader} leads`)
  }
  const say = (word: Word): void => channel.postMessage(word)
  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    if (typeof data === 'object') show(data.leader)
    else if (leads) say({ leader: own })
  }
  say('who leads?')
  return tabs({
    key: labId,
    log: ({ type }) => {
      leads = type === 'lead'
      if (!leads) return
      show(own)
      say({ leader: own })
    },
  })
}
