import { WebSocketProvider } from 'ethers'
import { Reconnecting, url, work } from './client.mjs'

// it does not reconnect: the socket in its slot does
const provider = new WebSocketProvider(() => new Reconnecting(url), 1, { staticNetwork: true })
await work((number) => provider.send('echo', [number]))
await provider.destroy()
