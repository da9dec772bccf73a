/** The clock of the test kit, by the name that it has in these tests. */
export { settled, TestClock as SimClock } from '../../src/testing/clock.js'
