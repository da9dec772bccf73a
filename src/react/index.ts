/**
 * `everopen/react`: a socket with the lifetime of a component.
 *
 *     const { socket, snapshot } = useReconnectingSocket('wss://example.test/feed')
 *     const last = useLastMessage(socket)
 */
export { useLastMessage, useMessages } from './messages.js'
export { SocketProvider, useSocket, type SocketProviderProps } from './provider.js'
export { useReconnectingSocket, useSnapshot, type SocketView, type UseSocketOptions } from './socket.js'
