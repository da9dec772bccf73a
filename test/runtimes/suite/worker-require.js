/** The suite in a worker, over what `require` gives. */
import everopen from './required.cjs'
import { run } from './program.js'

export default {
  async fetch(request) {
    return Response.json(await run(everopen, await request.json()))
  },
}
