/**
 * `everopen/react`: a socket for as long as a component is there.
 *
 *     const { socket, snapshot } = useReconnectingSocket('wss://example.test/feed')
 *     const last = useLastMessage(socket)
 */
export { useLastMessage, useMessages } from './messages.js'
export { SocketProvider, useSocket, type SocketProviderProps } from './provider.js'
export { useReconnectingSocket, useSnapshot, type SocketView, type UseSocketOptions } from './socket.js'
