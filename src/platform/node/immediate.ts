/** `setImmediate` as it is when the module is loaded: a test runner may replace it later, in `node:timers` too. */
import { setImmediate } from 'node:timers'

export const immediate = setImmediate
