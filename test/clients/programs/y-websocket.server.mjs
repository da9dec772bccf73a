/** Speaks the protocol of y-websocket, and answers a changed number in the document with the same number. */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import * as sync from 'y-protocols/sync'
import * as Y from 'yjs'
import { listen } from './server.mjs'

const SYNC = 0

listen().wss.on('connection', (socket) => {
  const doc = new Y.Doc()
  const map = doc.getMap('work')
  const write = (fill) => {
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, SYNC)
    fill(encoder)
    if (encoding.length(encoder) > 1) socket.send(encoding.toUint8Array(encoder))
  }
  doc.on('update', (update) => write((encoder) => sync.writeUpdate(encoder, update)))
  map.observe(() => {
    if (map.get('asked') !== map.get('answered')) map.set('answered', map.get('asked'))
  })
  socket.on('message', (data) => {
    const decoder = decoding.createDecoder(new Uint8Array(data))
    if (decoding.readVarUint(decoder) === SYNC)
      write((encoder) => sync.readSyncMessage(decoder, encoder, doc, socket))
  })
  write((encoder) => sync.writeSyncStep1(encoder, doc))
})
