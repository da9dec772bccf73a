/** A program that has closed its socket, and has nothing more to do: says when that was. */
import { ReconnectingSocket } from 'everopen'

const { process } = globalThis
const { ws } = JSON.parse(process.argv[2])
const socket = new ReconnectingSocket(`${ws}echo`, { heartbeat: { interval: 10_000 } })
socket.on('open', () => socket.close(1000))
socket.closed.then(() => console.log(Date.now()))
