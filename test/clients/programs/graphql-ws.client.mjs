import { createClient } from 'graphql-ws'
import { restart, Slot, url, work } from './client.mjs'

const client = createClient({
  url,
  webSocketImpl: Slot,
  lazy: false,
  retryAttempts: Infinity,
  // its default gives up where a dial fails, whatever the class
  ...(restart !== 'without a gap' && { shouldRetry: () => true }),
  retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
  onNonLazyError: (error) => {
    throw error
  },
})
await work(
  (number) =>
    new Promise((resolve, reject) => {
      let answer
      client.subscribe(
        { query: `{ number(of: ${number}) }` },
        { next: ({ data }) => (answer = data.number), error: reject, complete: () => resolve(answer) },
      )
    }),
)
await client.dispose()
