/** What the death of a connection costs, in messages. */
import { open, type Row } from './row.js'

const counted = { better: 'less', digits: 0, needs: ['reconnect'], ratio: false, group: 'loss' } as const

function lost(how: 'Close frame' | 'FIN' | 'RST'): Row {
  return {
    ...counted,
    name: `lost of 2,000 messages, by ${how}`,
    unit: 'messages',
    async measure(peer, { url, share, kill }) {
      const count = Math.ceil(2_000 * share)
      let told: [string, number][] | undefined
      let reported!: () => void
      const report = new Promise<void>((resolve) => (reported = resolve))
      const client = await open(peer, `${url}numbers/${process.pid}`, (data) => {
        told = JSON.parse(String(data)) as [string, number][]
        reported()
      })
      for (let number = 0; number < count; number++) {
        try {
          client.send(String(number))
        } catch {
          // it says so at least, and the message is not sent
        }
        if (number === Math.floor(count / 2)) void kill(how)
        if (number % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 1))
      }
      // asked until somebody answers: the question may be lost as well
      const asking = setInterval(() => {
        try {
          client.send('report')
        } catch {
          // not open yet
        }
      }, 500)
      await report
      clearInterval(asking)
      return count - told!.filter(([number]) => number !== 'report').length
    },
  }
}

export const loss: readonly Row[] = [lost('Close frame'), lost('FIN'), lost('RST')]
