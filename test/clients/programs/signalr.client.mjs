import { HttpTransportType, HubConnectionBuilder, LogLevel } from '@microsoft/signalr'
import { Slot, url, work } from './client.mjs'

const connection = new HubConnectionBuilder()
  .withUrl(url.replace('ws:', 'http:'), {
    skipNegotiation: true,
    transport: HttpTransportType.WebSockets,
    WebSocket: Slot,
    // what it passes on as the third argument
    headers: { 'x-app': 'works' },
  })
  .withAutomaticReconnect({ nextRetryDelayInMilliseconds: () => 50 })
  .configureLogging(LogLevel.None)
  .build()
await connection.start()
await work((number) => connection.invoke('number', number))
await connection.stop()
