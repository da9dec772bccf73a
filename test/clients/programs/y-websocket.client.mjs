import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { Slot, url, work } from './client.mjs'

const doc = new Y.Doc()
const map = doc.getMap('work')
const provider = new WebsocketProvider(url, 'room', doc, {
  WebSocketPolyfill: Slot,
  maxBackoffTime: 200,
  disableBc: true,
})
await work(
  (number) =>
    new Promise((resolve) => {
      const look = () => {
        if (map.get('answered') !== number) return
        map.unobserve(look)
        resolve(number)
      }
      map.observe(look)
      map.set('asked', number)
    }),
)
provider.destroy()
doc.destroy()
