/** `everopen/proxy`: HTTP and SOCKS proxies for Node. Its functions return agents for the `node.agent` option. */
export { environmentProxy, type Environment } from './environment.js'
export { proxyAgent, type ProxyOptions } from './agent.js'
export type { AgentLike, AgentProvider } from '../options/node-options.js'
