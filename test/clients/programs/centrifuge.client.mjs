import { Centrifuge } from 'centrifuge'
import { Slot, url, work } from './client.mjs'

const client = new Centrifuge(url, {
  websocket: Slot,
  minReconnectDelay: 20,
  maxReconnectDelay: 100,
  timeout: 900,
})
client.on('error', () => {})
client.connect()
await work(async (number) => (await client.rpc('number', number)).data)
client.disconnect()
