/** All scenarios, in the order of the standard. */
import type { Scenario } from './scenario.js'
import { closing } from './scenarios/closing.js'
import { construction } from './scenarios/constructor.js'
import { data } from './scenarios/data.js'
import { events } from './scenarios/events.js'
import { listeners } from './scenarios/listeners.js'
import { shape } from './scenarios/shape.js'

export const scenarios: readonly Scenario[] = [
  ...shape,
  ...construction,
  ...closing,
  ...data,
  ...events,
  ...listeners,
]
