/**
 * The suite of behaviour: one program for every runtime, in the JavaScript that all of them have. Each case is given
 * the package's exports and where the server is, and throws where something is not as it should be.
 */
import { cases as failures } from './failures.js'
import { cases as faces } from './faces.js'
import { cases as messages } from './messages.js'
import { cases as network } from './network.js'

const cases = Object.assign({}, messages, failures, faces, network)
const PATIENCE = 8000

/** Names of all cases, in the order of the table. */
export const names = Object.keys(cases)

/** Runs all cases, one after the other, and gives `{ name: reason }`; the reason is null where it passed. */
export async function run(lib, env) {
  const results = {}
  for (const name of names) results[name] = await outcome(name, lib, env)
  return results
}

async function outcome(name, lib, env) {
  const sockets = []
  let timer
  const world = {
    lib,
    env,
    url: (path, query = '') => `${env.ws}${path}?key=${env.key}-${encodeURIComponent(name)}${query}`,
    /** A socket that is ended with the case, whatever becomes of it. */
    open(url, options = {}) {
      const socket = new lib.ReconnectingSocket(url, options)
      sockets.push(socket)
      return socket
    },
  }
  try {
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`nothing came in ${PATIENCE} ms`)), PATIENCE)
    })
    await Promise.race([cases[name](world), late])
    return null
  } catch (error) {
    return String((error && error.message) || error)
  } finally {
    clearTimeout(timer)
    for (const socket of sockets) socket.terminate()
  }
}
