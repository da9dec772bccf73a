/** `everopen/proxy`: dialing through HTTP and SOCKS proxies, in Node. What it gives is for the `node.agent` option. */
export { environmentProxy, type Environment } from './proxy/environment.js'
export { proxyAgent, type ProxyOptions } from './proxy/agent.js'
export type { AgentLike, AgentProvider } from './node-options.js'
