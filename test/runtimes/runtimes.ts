/** All runtimes, in the order of the table. */
import { processes } from './process.js'
import { reactNatives } from './react-native.js'
import type { Runtime } from './runtime.js'
import { workerd } from './workerd.js'

export const all: readonly Runtime[] = [...processes, workerd, ...reactNatives]
