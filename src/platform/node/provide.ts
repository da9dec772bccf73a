/** What the `node` option contributes to one attempt; its functions are called each time. */
import type { Target } from '../../machine/state.js'
import type { AgentLike, NodeOptions } from '../../options/node-options.js'
import { MissingPackageError, type ProviderError } from '../../diagnostics/errors.js'
import { ask } from '../../options/ask.js'
import { checkAgent, checkCookie, checkVerifies } from './check.js'
import { headerOf, readHeaders, without } from './headers.js'
import type { Attempt } from '../../options/provider.js'

/** The argument of `dial`, with more than URL, protocols and headers. */
export interface NodeTarget extends Target {
  /** Returns the agent for a URL of this attempt. */
  readonly agentFor: (url: string) => Promise<AgentLike | undefined>
  /** The agent for the first URL. */
  readonly agent: AgentLike | undefined
}

/** Rejects with ProviderError, or passes on MissingPackageError. */
export async function provideNode(
  node: NodeOptions,
  attempt: Attempt,
  url: Promise<string>,
): Promise<Omit<NodeTarget, 'url' | 'protocols'>> {
  const agentFor = (href: string): Promise<AgentLike | undefined> => provideAgent(node, attempt, href)
  const [headers, cookie, agent] = await Promise.all([
    ask('headers', node.headers, attempt, readHeaders),
    ask('cookie', node.cookie, attempt, (path, given) => {
      if (given !== undefined) checkCookie(path, given)
      return given
    }),
    // the provider of the URL reports what is wrong with it
    url.then(agentFor, () => undefined),
  ])
  return { headers: complete(headers, cookie, node), agentFor, agent }
}

/** The headers, with those that have their own options. */
function complete(
  given: Record<string, string>,
  cookie: string | undefined,
  { host, origin }: NodeOptions,
): Record<string, string> {
  const cookies = [headerOf(given, 'cookie'), cookie].filter(Boolean).join('; ')
  const own = {
    ...(cookies !== '' && { Cookie: cookies }),
    ...(host !== undefined && { Host: host }),
    ...(typeof origin === 'string' && { Origin: origin }),
  }
  const replaced = (name: string): boolean =>
    name === 'cookie' ||
    (name === 'host' && host !== undefined) ||
    (name === 'origin' && origin !== undefined)
  return { ...without(given, replaced), ...own }
}

async function provideAgent(
  node: NodeOptions,
  attempt: Attempt,
  href: string,
): Promise<AgentLike | undefined> {
  const { agent } = node
  if (typeof agent !== 'function') return agent
  try {
    return await ask(
      'agent',
      () => agent(new URL(href), attempt),
      attempt,
      (path, given) => {
        if (given === undefined) return undefined
        checkAgent(path, given)
        checkVerifies(path, given, node)
        return given
      },
    )
  } catch (error) {
    const { cause } = error as ProviderError
    throw cause instanceof MissingPackageError ? cause : error
  }
}
