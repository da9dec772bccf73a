/** The suite over what `import` gives. */
import * as everopen from 'everopen'
import { proxyAgent } from 'everopen/proxy'
import { run } from './program.js'

const { process } = globalThis
console.log(JSON.stringify(await run({ ...everopen, proxyAgent }, JSON.parse(process.argv[2]))))
