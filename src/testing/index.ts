/**
 * `everopen/testing`: a simulated server and clock for tests of applications.
 *
 *     const server = testServer()
 *     const socket = new ReconnectingSocket(server.url, { WebSocket: server.WebSocket })
 *     const connection = await server.connection()
 *     connection.close(1012)
 */
export { settled, TestClock } from './clock.js'
export { TestConnection, type Ended } from './connection.js'
export { type RestartOptions, TestServer, testServer, type TestServerOptions } from './server.js'
