/** What is measured. */
import { exit } from './exit.js'
import { heartbeats, memory } from './idle.js'
import { loss } from './loss.js'
import { outbox } from './outbox.js'
import { back, crowd } from './returns.js'
import type { Row } from './row.js'
import { traffic } from './traffic.js'

export const rows: readonly Row[] = [...traffic, ...outbox, memory(1_000), ...back, ...loss, ...exit]

/** Not in a run without being asked for by `--only`: they take 10,000 sockets, and minutes. */
export const heavy: readonly Row[] = [memory(10_000), heartbeats(10_000), ...crowd(10_000)]
