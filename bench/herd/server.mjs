/** The server that the herd loses: a process of its own, so that it can be killed. Tells its port to its parent. */
import { WebSocketServer } from 'ws'

const server = new WebSocketServer({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4_096 })
server.on('listening', () => process.send?.(server.address().port))
