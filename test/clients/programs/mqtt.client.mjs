import { Slot, url, work } from './client.mjs'

// as a page has it, which is any platform without ws: with ws it drives that class by its emitter
Object.defineProperty(globalThis, 'navigator', { value: { product: 'ReactNative' } })
const { default: mqtt } = await import('../../../node_modules/mqtt/dist/mqtt.esm.js')

const client = mqtt.connect(url, {
  createWebsocket: (address, protocols) => new Slot(address, protocols),
  reconnectPeriod: 100,
  connectTimeout: 2_000,
})
client.on('error', () => {})
client.subscribe('work')
await work(
  (number) =>
    new Promise((resolve) => {
      const hear = (_, payload) => {
        if (Number(String(payload)) !== number) return
        client.off('message', hear)
        resolve(number)
      }
      client.on('message', hear)
      client.publish('work', String(number), { qos: 1 })
    }),
)
await client.endAsync(true)
