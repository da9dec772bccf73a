/** The little that the cases need to say what should be: `node:assert` is not everywhere. */

/** Throws unless both are the same as JSON. */
export function equal(actual, expected, what = 'value') {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (is !== should) throw new Error(`${what}: ${is} where ${should} should be`)
}

/** Throws unless it is so. */
export function ok(value, what) {
  if (!value) throw new Error(what)
}

/** The next event of a ReconnectingSocket. */
export function next(socket, name) {
  return new Promise((resolve) => {
    const undo = socket.on(name, (detail) => {
      undo()
      resolve(detail)
    })
  })
}

/** So many messages. */
export function messages(socket, count) {
  const all = []
  return new Promise((resolve) => {
    const undo = socket.on('message', (data) => {
      if (all.push(data) < count) return
      undo()
      resolve(all)
    })
  })
}

/** The bytes of what came as binary, as plain numbers. */
export function bytes(data) {
  return Array.from(new Uint8Array(data))
}
