/** `everopen/proxy`: dialing through HTTP and SOCKS proxies, in Node. What it gives is for the `node.agent` option. */
export { environmentProxy, type Environment } from './environment.js'
export { proxyAgent, type ProxyOptions } from './agent.js'
export type { AgentLike, AgentProvider } from '../options/node-options.js'
