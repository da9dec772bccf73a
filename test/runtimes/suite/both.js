/** Whether an error of what `import` gives is an instance of what `require` gives. */
import { createRequire } from 'node:module'
import { InvalidArgumentError, ReconnectingSocket } from 'everopen'

const required = createRequire(import.meta.url)('everopen')
const problems = []
for (const make of [ReconnectingSocket, required.ReconnectingSocket])
  try {
    new make('')
  } catch (error) {
    for (const kind of [InvalidArgumentError, required.EveropenError])
      if (!(error instanceof kind)) problems.push(kind.name)
  }
console.log(JSON.stringify({ 'one copy for import, require': problems.length ? problems.join(', ') : null }))
