/** A page's globals, as far as a bundle needs them: bundle, `script` or `module`. Writes what its `suite` resolves to. */
const { readFileSync } = require('node:fs')
const { pathToFileURL } = require('node:url')
const vm = require('node:vm')

const [, , file, kind, ws] = process.argv
const document = {
  visibilityState: 'visible',
  addEventListener() {},
  // Vite asks a link whether it can preload
  createElement: () => ({ relList: { supports: () => true } }),
}
Object.assign(globalThis, {
  window: globalThis,
  self: globalThis,
  document,
  WebSocket: require(ws).WebSocket,
})

async function main() {
  if (kind === 'module') await import(pathToFileURL(file).href)
  else vm.runInThisContext(readFileSync(file, 'utf8'), { filename: file })
  console.log(await globalThis.suite)
}
main()
