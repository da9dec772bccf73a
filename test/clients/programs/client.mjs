/** What every client program shares: the class for its slot, and a loop of work that can be followed from outside. */
import { ReconnectingWebSocket } from 'everopen'

/** Where the server is, and how it is restarted. */
export const [url, restart] = process.argv.slice(2)

/** For a client that reconnects by itself. */
export const Slot = ReconnectingWebSocket.with({ retry: false })
/** For one that does not. */
export const Reconnecting = ReconnectingWebSocket.with({ retry: { backoff: () => 50 } })

/** How long one piece of work may take before it counts as lost with its connection. */
const LOST = 1_000

/**
 * Does one piece of work after the other, and says the number of each that is done, until the standard input ends.
 * @param once Gives back what it was given, having been to the server and back.
 */
export async function work(once) {
  let going = true
  process.stdin.on('data', () => (going = false))
  for (let number = 1; going; number++) {
    const lost = new Promise((_, reject) => setTimeout(reject, LOST, new Error('lost')).unref())
    try {
      const answer = await Promise.race([once(number), lost])
      if (Number(answer) !== number) throw new TypeError(`got ${answer} for ${number}`)
      console.log(`did ${number}`)
    } catch (error) {
      // a wrong answer is a defect; a lost one was lost with its connection
      if (error instanceof TypeError && /^got/.test(error.message)) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  process.stdin.destroy()
}
