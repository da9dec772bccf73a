/** Simulates a herd beside the page, so that the page goes on. */
import { type HerdOptions, type HerdResult, simulateHerd } from '../herd.js'

/** What the page asks for. */
export type HerdRequest = Omit<HerdOptions, 'random'>

/** What the worker tells. */
export type HerdNews =
  | { readonly type: 'progress'; readonly share: number }
  | { readonly type: 'done'; readonly result: HerdResult }

const tell = (news: HerdNews): void => postMessage(news)

addEventListener('message', ({ data }: MessageEvent<HerdRequest>) => {
  const result = simulateHerd({ ...data, random: Math.random }, (share) => tell({ type: 'progress', share }))
  tell({ type: 'done', result })
})
