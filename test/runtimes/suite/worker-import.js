/** The suite in a worker, over what `import` gives. */
import * as everopen from 'everopen'
import { run } from './program.js'

export default {
  async fetch(request) {
    return Response.json(await run(everopen, await request.json()))
  },
}
