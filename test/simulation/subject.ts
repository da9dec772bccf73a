/** What is simulated: the socket, and the links that are real below it. */
export { Latest, WholeWrites } from '../../src/platform/buffered.js'
export { NodeLink } from '../../src/platform/node/link.js'
export { dialWhatwg } from '../../src/platform/whatwg.js'
export { ReconnectingSocket } from '../../src/socket/socket.js'
