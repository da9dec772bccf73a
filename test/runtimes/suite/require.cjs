/** The suite over what `require` gives. */
const everopen = require('everopen')
const { proxyAgent } = require('everopen/proxy')

import('./program.js').then(async ({ run }) => {
  console.log(JSON.stringify(await run({ ...everopen, proxyAgent }, JSON.parse(process.argv[2]))))
})
