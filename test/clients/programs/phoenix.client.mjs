import { Socket } from 'phoenix'
import { Slot, url, work } from './client.mjs'

const socket = new Socket(url, { transport: Slot, reconnectAfterMs: () => 50, rejoinAfterMs: () => 50 })
socket.connect()
const channel = socket.channel('work', {})
channel.join()
await work(
  (number) =>
    new Promise((resolve, reject) =>
      channel
        .push('number', { number }, 900)
        .receive('ok', ({ number: answer }) => resolve(answer))
        .receive('timeout', reject),
    ),
)
await new Promise((resolve) => socket.disconnect(resolve))
